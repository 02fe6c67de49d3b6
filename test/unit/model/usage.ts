/** consume, record and check (section 3), and what ids promise (section 4). */
import type { Account } from "./account.ts";
import { type Booked, type Denied, type Held, type Refused, refused, type UseEvent } from "./answers.ts";
import { teamsOf, whyNot } from "./budgets.ts";
import { periodName } from "./figures.ts";
import { holdState } from "./holds.ts";
import { lookBack, tellThatNoPackIsOnSale, tellUpgrade } from "./notices.ts";
import { look } from "./periods.ts";
import { asConsume, asRecord, type Part, standingOf } from "./policy.ts";
import { addUpgrade, upgradeBy } from "./upgrades.ts";

const PAST_MS = 35 * 24 * 60 * 60 * 1000;
const FUTURE_MS = 5 * 60 * 1000;

export type UseAnswer = Booked | Held | Denied | Refused;

export function consume(account: Account, event: UseEvent, nowMs: number): UseAnswer {
  look(account, nowMs);
  return known(account, event) ?? decide(account, event);
}

export function record(account: Account, event: UseEvent, nowMs: number): UseAnswer {
  look(account, nowMs);
  const before = known(account, event);
  if (before !== null) return before;
  if (account.closedAtMs !== null) return refused("account_closed");
  const at = standingOf(account);
  const wouldDeny = whyNot(account, placed(account, event), at, event.credits);
  return book(account, event, asRecord(at, event.credits), wouldDeny);
}

/** The answer and the upgrade that consume would give; nothing is booked and nobody told (3.3). */
export function check(account: Account, event: UseEvent, nowMs: number) {
  look(account, nowMs);
  const before = known(account, event);
  if (before !== null) return before;
  const at = standingOf(account);
  const denied = whyNot(account, placed(account, event), at, event.credits);
  if (denied !== null) return denied;
  return { kind: "allowed" as const, upgrade: upgradeBy(account, asConsume(at, event.credits).packs) };
}

/** What became of an id (section 4). */
export function whatBecameOf(account: Account, id: string): "booked" | "held" | "unknown" {
  if (account.entries.some((entry) => entry.id === id)) return "booked";
  const hold = account.holds.find((one) => one.id === id);
  return hold !== undefined && holdState(account, hold) === "open" ? "held" : "unknown";
}

/** All or nothing (3.1). */
export function decide(account: Account, event: UseEvent): Booked | Denied {
  const at = standingOf(account);
  const own = placed(account, event);
  const denied = whyNot(account, own, at, event.credits);
  if (denied !== null) return tellDenied(account, denied);
  return book(account, own, asConsume(at, event.credits), null);
}

export function tellDenied(account: Account, denied: Denied): Denied {
  lookBack(account, { reason: denied.reason });
  tellThatNoPackIsOnSale(account, denied.reason);
  return denied;
}

export function placed<E extends UseEvent>(account: Account, event: E) {
  return { ...event, teams: teamsOf(account, event) };
}

/** The first decision under an id, a refusal, or null where the id is free. */
export function known(account: Account, event: UseEvent): Booked | Held | Refused | null {
  const entry = account.entries.find(({ id }) => id === event.id);
  const hold = account.holds.find(({ id }) => id === event.id);
  // A hold's id stands for what was held, also once its entry says what was captured.
  const content = hold?.content ?? entry?.content ?? event.content;
  if (content !== event.content) return refused("idempotency_conflict");
  if (entry !== undefined) return { ...entry.answer, replayed: true };
  if (hold !== undefined && holdState(account, hold) !== "expired") return refused("idempotency_conflict");
  return outOfRange(account, event);
}

/** How old or early an event may be (3.7). */
export function outOfRange(account: Account, { occurredAtMs }: UseEvent): Refused | null {
  if (occurredAtMs === null) return null;
  if (occurredAtMs < account.nowMs - PAST_MS) return refused("occurred_at_too_old");
  return occurredAtMs > account.nowMs + FUTURE_MS ? refused("occurred_at_in_future") : null;
}

/** Entries, corrections and outcomes are numbered in one row. */
export function nextSeq(account: Account): number {
  return account.entries.length + account.corrections.length + account.outcomes.size + 1;
}

/** An outcome is said of an event once; it books nothing (10.5). */
export function attachOutcome(account: Account, id: string, outcome: string, nowMs: number) {
  look(account, nowMs);
  if (!account.entries.some((entry) => entry.id === id)) return refused("unknown_event");
  const before = account.outcomes.get(id);
  if (before !== undefined && before !== outcome) return refused("outcome_exists");
  account.outcomes.set(id, outcome);
  return { kind: "attached" as const, replayed: before !== undefined };
}

/** Books an entry with the packs that it adds, and tells what that brings about. */
export function book(
  account: Account,
  event: UseEvent & { readonly teams?: readonly string[] },
  part: Part,
  wouldDeny: Denied | null,
): Booked {
  const upgrade = upgradeBy(account, part.packs);
  if (upgrade !== null) addUpgrade(account, upgrade);
  const { occurredAtMs: at } = event;
  const answer: Booked = {
    kind: "booked",
    replayed: false,
    seq: nextSeq(account),
    period: periodName(account),
    credits: part.credits,
    overdraft: part.overdraft,
    wouldDeny,
    upgrade,
    late: at !== null && account.closed.some(({ startMs, endMs }) => startMs <= at && at < endMs),
  };
  const { id, content, feature, user, workflow } = event;
  const teams = event.teams ?? teamsOf(account, event);
  const { seq, credits, overdraft } = answer;
  const context = { feature, user, workflow, teams };
  account.entries.push({ ...context, seq, id, content, period: account.period, credits, overdraft, answer });
  if (upgrade !== null) tellUpgrade(account, upgrade);
  lookBack(account, { upgraded: upgrade !== null });
  return answer;
}
