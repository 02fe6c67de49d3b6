/** From the rules' amounts in micros to the wire's numbers; the one place where decisions and entries are worded. */

import { formatMicros } from "../credits/amounts.ts";
import type { BalanceSummary } from "../credits/balance.ts";
import type { EntryItem, UsageEntry } from "../credits/entries.ts";
import type { Upgrade } from "../credits/usage.ts";
import type { Allowed, Denied, Quoted } from "../protocol.ts";
import { formatInstant } from "./common.ts";
import type { Decision, LogEntry } from "./usage.ts";

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
  const balance = balanceSummaryAnswer(result.balance);
  switch (result.kind) {
    case "denied":
      return {
        allowed: false,
        id,
        reason: result.reason,
        credits: formatMicros(result.creditsMicros),
        balance,
        resolve: [...result.resolve],
      };
    case "quoted":
      return {
        allowed: true,
        replayed: false,
        id,
        credits: formatMicros(result.creditsMicros),
        ...upgradeAnswer(result.upgrade),
        balance,
      };
    case "allowed": {
      const { entry } = result;
      return {
        allowed: true,
        replayed: result.replayed,
        id,
        credits: formatMicros(entry.creditsMicros),
        ...(entry.wouldDeny === undefined ? {} : { wouldDeny: entry.wouldDeny }),
        ...(entry.overdraftMicros === undefined ? {} : { overdraft: formatMicros(entry.overdraftMicros) }),
        ...upgradeAnswer(entry.upgrade ?? null),
        balance,
        entry: { seq: entry.seq, period: entry.period },
      };
    }
  }
}

function upgradeAnswer(upgrade: Upgrade | null) {
  return upgrade === null ? {} : { upgrade: { ...upgrade, price: { ...upgrade.price } } };
}

/** An entry as the log shows it (rules, 10.3). */
export function entryAnswer(entry: UsageEntry): LogEntry {
  const { outcome } = entry;
  return {
    seq: entry.seq,
    id: entry.id,
    period: entry.period,
    mode: entry.mode ?? "consume",
    occurredAt: formatInstant(entry.occurredAtMs ?? entry.atMs),
    bookedAt: formatInstant(entry.atMs),
    day: entry.day,
    feature: entry.feature,
    items: entry.items.map(itemAnswer),
    credits: formatMicros(entry.creditsMicros),
    rateVersion: entry.rateVersion,
    ...(entry.overdraftMicros === undefined ? {} : { overdraft: formatMicros(entry.overdraftMicros) }),
    ...(entry.wouldDeny === undefined ? {} : { wouldDeny: entry.wouldDeny }),
    ...upgradeAnswer(entry.upgrade ?? null),
    late: entry.late ?? false,
    ...(entry.user === undefined ? {} : { user: entry.user }),
    ...(entry.workflow === undefined ? {} : { workflow: entry.workflow }),
    ...(entry.subject === undefined ? {} : { subject: entry.subject }),
    ...(outcome === undefined
      ? {}
      : {
          outcome: {
            type: outcome.type,
            ...(outcome.value === undefined ? {} : { value: { ...outcome.value } }),
            ...(outcome.quantityMicros === undefined
              ? {}
              : { quantity: formatMicros(outcome.quantityMicros), unit: outcome.unit }),
          },
        }),
    ...(entry.properties === undefined ? {} : { properties: { ...entry.properties } }),
  };
}

function itemAnswer([action, quantityMicros, creditsMicros]: EntryItem) {
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
