/** hold, capture and release (3.4). */
import type { Account } from "./account.ts";
import { type Booked, type Denied, type Held, type Refused, refused, type UseEvent } from "./answers.ts";
import { teamsOf, whyNot } from "./budgets.ts";
import type { Hold } from "./facts.ts";
import { look } from "./periods.ts";
import { afterPart, asCapture, asConsume, asRecord, bothParts, holdReason, standingOf } from "./policy.ts";
import { book, decide, outOfRange, tellDenied, type UseAnswer } from "./usage.ts";

export interface Capture {
  readonly hold: string;
  /** What says whether another capture is the same one. */
  readonly content: string;
  readonly credits: bigint;
  readonly overflow: "consume" | "record";
}

/** From its expiry on a hold that was not settled is expired. */
export function holdState(account: Account, hold: Hold): "open" | "captured" | "released" | "expired" {
  if (hold.settlement !== null) return hold.settlement;
  return hold.expiresAtMs > account.nowMs ? "open" : "expired";
}

export function hold(account: Account, event: UseEvent, expiresAtMs: number, nowMs: number): UseAnswer {
  look(account, nowMs);
  const before = account.holds.find(({ id }) => id === event.id);
  const entry = account.entries.find(({ id }) => id === event.id);
  const content = before?.content ?? entry?.content ?? event.content;
  if (content !== event.content) return refused("idempotency_conflict");
  if (before !== undefined) return heldAnswer(before, true);
  if (entry !== undefined) return { ...entry.answer, replayed: true };
  if (account.closedAtMs !== null) return refused("account_closed");
  const wrong = outOfRange(account, event);
  if (wrong !== null) return wrong;
  const teams = teamsOf(account, event);
  const at = standingOf(account);
  const denied = whyNot(account, { ...event, teams }, at, event.credits, holdReason);
  if (denied !== null) return tellDenied(account, denied);
  const made: Hold = { ...event, teams, expiresAtMs, settlement: null };
  account.holds.push(made);
  return heldAnswer(made, false);
}

function heldAnswer({ credits, expiresAtMs }: Hold, replayed: boolean): Held {
  return { kind: "held", replayed, credits, expiresAtMs };
}

export function capture(account: Account, command: Capture, nowMs: number): Booked | Denied | Refused {
  look(account, nowMs);
  const found = account.holds.find(({ id }) => id === command.hold);
  if (found === undefined) return refused("unknown_hold");
  const entry = account.entries.find(({ id }) => id === command.hold);
  if (entry !== undefined) {
    const same = entry.content === command.content;
    return same ? { ...entry.answer, replayed: true } : refused("idempotency_conflict");
  }
  const state = holdState(account, found);
  if (state === "released") return refused("idempotency_conflict");
  if (account.closedAtMs !== null) return refused("account_closed");
  const { content, credits } = command;
  const event = { ...found, content, credits };
  if (state === "open") return settle(account, found, event, command.overflow);
  return outOfRange(account, event) ?? decide(account, event);
}

/** Up to the held credits whatever happened since; the part above like consume or like record, in one entry. */
function settle(
  account: Account,
  found: Hold,
  event: UseEvent & { readonly teams: readonly string[] },
  overflow: Capture["overflow"],
): Booked | Denied {
  const at = standingOf(account);
  if (event.credits <= found.credits) {
    const part = asCapture(at, event.credits);
    found.settlement = "captured";
    return book(account, event, part, null);
  }
  const first = asCapture(at, found.credits);
  const rest = event.credits - found.credits;
  const then = afterPart(at, first, found.credits);
  // Budgets count the hold as they will count its capture: what is left of them is the same before and after.
  const denied = whyNot(account, event, then, rest);
  if (denied !== null && overflow === "consume") return tellDenied(account, denied);
  const second = denied === null ? asConsume(then, rest) : asRecord(then, rest);
  found.settlement = "captured";
  return book(account, event, bothParts(first, second), denied);
}

export function release(account: Account, id: string, nowMs: number) {
  look(account, nowMs);
  const found = account.holds.find((one) => one.id === id);
  if (found === undefined) return refused("unknown_hold");
  if (account.entries.some((entry) => entry.id === id)) return refused("idempotency_conflict");
  // Closing the account gave back whatever was still held.
  const replayed = found.settlement === "released" || account.closedAtMs !== null;
  found.settlement = "released";
  return { kind: "released" as const, replayed };
}
