/** From the rules' amounts in micros to the wire's numbers; the one place where decisions and entries are worded. */
import { formatMicros } from "../credits/amounts.ts";
import type { BalanceSummary } from "../credits/balance.ts";
import type { EntryItem, UsageEntry } from "../credits/entries.ts";
import type { Upgrade } from "../credits/upgrade.ts";
import type { Allowed, Denied, Quoted } from "../protocol.ts";
import { formatInstant } from "./common.ts";
import type { Decision } from "./decisions.ts";
import { outcomeAnswer } from "./event-parts.ts";
import type { EntryKind, LogEntry } from "./log-entries.ts";

export function balanceSummaryAnswer(balance: BalanceSummary) {
  return {
    limit: formatMicros(balance.limitMicros),
    used: formatMicros(balance.usedMicros),
    held: formatMicros(balance.heldMicros),
    remaining: formatMicros(balance.remainingMicros),
    available: balance.availableMicros === null ? null : formatMicros(balance.availableMicros),
    overage: formatMicros(balance.overageMicros),
    resetAt: formatInstant(balance.resetAtMs),
    state: balance.state,
  };
}

/** A decision for the event with this id. */
export function decisionAnswer(id: string, result: Allowed | Quoted | Denied): Decision {
  switch (result.kind) {
    case "denied":
      return deniedAnswer(id, result);
    case "quoted":
      return {
        allowed: true,
        replayed: false,
        id,
        credits: formatMicros(result.creditsMicros),
        ...upgradeAnswer(result.upgrade),
        balance: balanceSummaryAnswer(result.balance),
      };
    case "allowed":
      return allowedAnswer(id, result);
  }
}

export function deniedAnswer(id: string, denied: Denied): Extract<Decision, { allowed: false }> {
  const { reason, budget, creditsMicros, balance, resolve } = denied;
  return {
    allowed: false,
    id,
    reason,
    ...(budget === null ? {} : { budget }),
    credits: formatMicros(creditsMicros),
    balance: balanceSummaryAnswer(balance),
    resolve: [...resolve],
  };
}

/** A use that was booked. */
export function allowedAnswer(
  id: string,
  { replayed, entry, balance }: Pick<Allowed, "replayed" | "entry" | "balance">,
): Extract<Decision, { allowed: true }> {
  return {
    allowed: true,
    replayed,
    id,
    credits: formatMicros(entry.creditsMicros),
    ...(entry.wouldDeny === undefined ? {} : { wouldDeny: entry.wouldDeny }),
    ...(entry.overdraftMicros === undefined ? {} : { overdraft: formatMicros(entry.overdraftMicros) }),
    ...upgradeAnswer(entry.upgrade ?? null),
    balance: balanceSummaryAnswer(balance),
    entry: { seq: entry.seq, period: entry.period },
  };
}

function upgradeAnswer(upgrade: Upgrade | null) {
  return upgrade === null ? {} : { upgrade: { ...upgrade, price: { ...upgrade.price } } };
}

/** An entry as the log shows it (rules, 10.3). */
export function entryAnswer(entry: UsageEntry): LogEntry {
  const kind = kindOf(entry);
  const { seq, id, period, day, feature, rateVersion, accountRatesVersion, wouldDeny } = entry;
  const { user, teams, workflow, subject, outcome, properties, overdraftMicros } = entry;
  return {
    seq,
    kind,
    id,
    period,
    ...(kind === "use" ? { mode: entry.mode ?? ("consume" as const) } : {}),
    occurredAt: formatInstant(entry.occurredAtMs ?? entry.atMs),
    bookedAt: formatInstant(entry.atMs),
    day,
    feature,
    items: entry.items.map(itemAnswer),
    credits: formatMicros(entry.creditsMicros),
    rateVersion,
    ...(accountRatesVersion === undefined ? {} : { accountRatesVersion }),
    ...(overdraftMicros === undefined ? {} : { overdraft: formatMicros(overdraftMicros) }),
    ...(wouldDeny === undefined ? {} : { wouldDeny }),
    ...upgradeAnswer(entry.upgrade ?? null),
    late: entry.late ?? false,
    ...(user === undefined ? {} : { user }),
    ...(teams === undefined ? {} : { teams: [...teams] }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(subject === undefined ? {} : { subject }),
    ...namedAnswer(entry),
    ...(outcome === undefined ? {} : { outcome: outcomeAnswer(outcome) }),
    ...(properties === undefined ? {} : { properties: { ...properties } }),
  };
}

function kindOf({ correction, attached }: UsageEntry): EntryKind {
  if (correction !== undefined) return "correction";
  return attached === undefined ? "use" : "outcome";
}

/** What else an entry names: the hold that it captured, the event that it corrects or adds an outcome to. */
function namedAnswer({
  hold,
  correction,
  attached,
}: UsageEntry): Pick<LogEntry, "hold" | "correction" | "attached"> {
  if (hold !== undefined) {
    return { hold: { credits: formatMicros(hold.heldMicros), openedAt: formatInstant(hold.atMs) } };
  }
  if (correction !== undefined) {
    const { eventId, seq, period, creditsMicros, overdraftMicros, reason } = correction;
    const credits = formatMicros(creditsMicros);
    const overdraft = formatMicros(overdraftMicros);
    return { correction: { event: eventId, seq, period, credits, overdraft, reason } };
  }
  if (attached !== undefined) {
    const { eventId, seq, creditsMicros } = attached;
    return { attached: { event: eventId, seq, credits: formatMicros(creditsMicros) } };
  }
  return {};
}

export function itemAnswer([action, quantityMicros, creditsMicros]: EntryItem): LogEntry["items"][number] {
  return {
    action,
    quantity: formatMicros(quantityMicros),
    creditsEach: creditsEach(quantityMicros, creditsMicros),
    credits: formatMicros(creditsMicros),
  };
}

/** Credits per unit, where they come out exact in micro-credits. */
function creditsEach(quantityMicros: number, creditsMicros: number): number | null {
  if (quantityMicros === 0) return null;
  const scaled = BigInt(creditsMicros) * 1_000_000n;
  const quantity = BigInt(quantityMicros);
  return scaled % quantity === 0n ? formatMicros(Number(scaled / quantity)) : null;
}
