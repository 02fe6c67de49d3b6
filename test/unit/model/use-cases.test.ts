/** The model by hand: holds, ids, budgets, access. */
import { expect, test } from "vitest";
import type { Account } from "./account.ts";
import { budgetHeld, budgetUsed } from "./budgets.ts";
import { limitAccess, pauseFeature, putBudget, putUser } from "./directory.ts";
import { balance, held } from "./figures.ts";
import { accountWith, book, credits, DAY_MS, denial, event, heard, NOW, RESET, tryTo, use } from "./given.ts";
import { capture, hold, release } from "./holds.ts";
import { close, suspend } from "./periods.ts";
import { choose } from "./settings.ts";
import { consume, record, whatBecameOf } from "./usage.ts";

const HOUR_MS = 60 * 60 * 1000;
const conflict = { kind: "refused", why: "idempotency_conflict" };

function place(account: Account, amount: number, more: Parameters<typeof event>[1] = {}) {
  const sent = event(amount, more);
  expect(hold(account, sent, account.nowMs + HOUR_MS, account.nowMs)).toMatchObject({ kind: "held" });
  return sent;
}

function settle(account: Account, id: string, amount: number, overflow: "consume" | "record" = "consume") {
  const command = { hold: id, content: `capture ${amount}`, credits: credits(amount), overflow };
  return capture(account, command, account.nowMs);
}

test("a capture within its hold is booked whatever happened since; above the lowered maximum it is overdraft", () => {
  const account = accountWith({ included: 5000, packs: 1, used: 5000 });
  const sent = place(account, 500);
  choose(account, { maximum: credits(5200) }, account.nowMs);
  pauseFeature(account, "assistant", true, account.nowMs);
  suspend(account, true, account.nowMs);
  expect(settle(account, sent.id, 500)).toMatchObject({ kind: "booked", overdraft: credits(300) });
  expect(balance(account)).toMatchObject({
    used: credits(5500),
    overdraft: credits(300),
    state: "suspended",
  });
});

test("held credits of others do not make a capture overdraft", () => {
  const account = accountWith({ included: 100 });
  const one = place(account, 60);
  place(account, 40);
  expect(settle(account, one.id, 60)).toMatchObject({ overdraft: 0n });
});

test("a capture in auto_upgrade adds what packs the cap leaves, the rest above the limit is overdraft", () => {
  // Limit 1,500, 1,400 used; a capture of 2,300 needs 3 packs, the cap leaves 2: 3,700 - 3,500 = 200.
  const account = accountWith({ packs: 1, used: 1400, agreement: { automaticPacksMax: 2 } });
  const sent = place(account, 2300);
  expect(settle(account, sent.id, 2300)).toMatchObject({
    upgrade: { packs: 2n, priceMinor: 2000n },
    overdraft: credits(200),
  });
  expect(balance(account)).toMatchObject({ limit: credits(3500), used: credits(3700), billable: 0n });
});

test("the part above the hold is decided on its own, all or nothing, and the hold stays open", () => {
  const account = accountWith({ included: 1000, used: 950 });
  const sent = place(account, 30);
  // 980 would be booked, 20 are left above the hold.
  expect(settle(account, sent.id, 51)).toEqual(denial("credits_exhausted"));
  expect(balance(account)).toMatchObject({ used: credits(950), held: credits(30) });
  expect(settle(account, sent.id, 50)).toMatchObject({ kind: "booked", credits: credits(50), overdraft: 0n });
  expect(settle(account, sent.id, 50)).toMatchObject({ kind: "booked", replayed: true });
  expect(settle(account, sent.id, 49)).toEqual(conflict);
  expect(release(account, sent.id, account.nowMs)).toEqual(conflict);
});

test("with overflow record the part above is booked like a record", () => {
  const account = accountWith({ included: 1000, used: 950 });
  const sent = place(account, 30);
  expect(settle(account, sent.id, 80, "record")).toMatchObject({
    credits: credits(80),
    overdraft: credits(30),
    wouldDeny: denial("credits_exhausted"),
  });
  expect(account.entries).toHaveLength(2);
});

test("both parts of a capture add packs, told as one upgrade", () => {
  // 1,490 of 1,500 used: the hold's 20 take one pack, the 1,100 above it another one.
  const account = accountWith({ packs: 1, used: 1490, agreement: { automaticPacksMax: 2 } });
  const sent = place(account, 20);
  expect(settle(account, sent.id, 1120)).toMatchObject({ upgrade: { packs: 2n }, overdraft: 0n });
  expect(heard(account)).toEqual(["upgraded by 2 p1000 for 2000: 2610 of 3500"]);
});

test("a capture after the expiry is a new event under the hold's id", () => {
  const account = accountWith({ included: 1000, used: 900 });
  const sent = place(account, 50);
  use(account, 80, { nowMs: account.nowMs + HOUR_MS });
  expect(held(account)).toBe(0n);
  expect(whatBecameOf(account, sent.id)).toBe("unknown");
  expect(settle(account, sent.id, 21)).toEqual(denial("credits_exhausted"));
  expect(settle(account, sent.id, 20)).toMatchObject({ kind: "booked", replayed: false });
  expect(settle(account, sent.id, 20)).toMatchObject({ kind: "booked", replayed: true });
  expect(settle(account, sent.id, 19)).toEqual(conflict);
});

test("one millisecond before its expiry a hold is open", () => {
  const account = accountWith({ included: 100 });
  const sent = event(60);
  hold(account, sent, NOW + 1000, NOW);
  expect(tryTo(account, 41, { nowMs: NOW + 999 })).toEqual(denial("credits_exhausted"));
  expect(tryTo(account, 41, { nowMs: NOW + 1000 })).toMatchObject({ kind: "booked" });
});

test("the id of a hold is used while it is open and after it was released, not after it expired", () => {
  const account = accountWith();
  const [open, released, expired] = [place(account, 5), place(account, 5), place(account, 5)];
  release(account, released.id, account.nowMs);
  expect(release(account, released.id, account.nowMs)).toEqual({ kind: "released", replayed: true });
  expect(settle(account, released.id, 5)).toEqual(conflict);
  expect(consume(account, open, account.nowMs)).toEqual(conflict);
  expect(record(account, released, account.nowMs)).toEqual(conflict);
  expect(hold(account, open, account.nowMs + 1, account.nowMs)).toMatchObject({
    kind: "held",
    replayed: true,
  });
  const later = account.nowMs + 2 * HOUR_MS;
  expect(record(account, { ...expired, content: "other" }, later)).toEqual(conflict);
  expect(record(account, expired, later)).toMatchObject({ kind: "booked", replayed: false });
});

test("a record that needs more packs than the cap leaves adds none", () => {
  const account = accountWith({ packs: 1, used: 1400, agreement: { automaticPacksMax: 1 } });
  expect(book(account, 1101)).toMatchObject({
    upgrade: null,
    overdraft: 0n,
    wouldDeny: denial("upgrade_cap_reached"),
  });
  expect(balance(account)).toMatchObject({ limit: credits(1500), billable: credits(1001), available: null });
  expect(heard(account)).toEqual(["limit passed in auto_upgrade: 2501 of 1500"]);
});

test("overdraft needs no cover by packs", () => {
  const account = accountWith({ packs: 1, maximum: 1200 });
  expect(book(account, 1600)).toMatchObject({ overdraft: credits(400), upgrade: null });
  choose(account, { maximum: null }, account.nowMs);
  // 1,200 of 1,500 are charged for.
  expect(use(account, 300).upgrade).toBe(null);
  expect(use(account, 1).upgrade).toMatchObject({ packs: 1n });
});

test("while a hold is open a change of the setting waits", () => {
  const account = accountWith({ packs: 1 });
  const sent = place(account, 0);
  expect(choose(account, { setting: "pause" }, account.nowMs)).toMatchObject({ effectiveAtMs: RESET });
  release(account, sent.id, account.nowMs);
  expect(choose(account, { setting: "pause" }, account.nowMs)).toMatchObject({ effectiveAtMs: NOW });
  expect(balance(account)).toMatchObject({ setting: "pause", pending: null });
});

test("a consume whose reply was lost may be sent as a record; a denial keeps nothing", () => {
  const account = accountWith({ included: 10 });
  const sent = event(7);
  consume(account, sent, account.nowMs);
  expect(record(account, sent, account.nowMs)).toMatchObject({ kind: "booked", replayed: true });
  expect(consume(account, { ...sent, content: "8" }, account.nowMs)).toEqual(conflict);
  const denied = event(8);
  expect(consume(account, denied, account.nowMs)).toEqual(denial("credits_exhausted"));
  const smaller = { ...denied, content: "3", credits: credits(3) };
  expect(consume(account, smaller, account.nowMs)).toMatchObject({ kind: "booked", replayed: false });
});

test("a record of 35 days ago is booked now and marked late, an older one refused", () => {
  const account = accountWith();
  const nowMs = RESET + DAY_MS;
  const at = (occurredAtMs: number) => record(account, event(1, { occurredAtMs }), nowMs);
  expect(at(nowMs - 35 * DAY_MS - 1)).toMatchObject({ why: "occurred_at_too_old" });
  expect(at(nowMs + 5 * 60_000 + 1)).toMatchObject({ why: "occurred_at_in_future" });
  expect(at(RESET - 1)).toMatchObject({ late: true, period: "2026-12-14" });
  expect(at(RESET)).toMatchObject({ late: false });
});

test("the most specific reason comes first", () => {
  // A record takes it to the limit, which is above the maximum: both would deny.
  const account = accountWith({ included: 500, packs: 1, setting: "pause", maximum: 1400 });
  const mine = { user: "u1" };
  book(account, 1500, mine);
  expect(tryTo(account, 1, mine)).toEqual(denial("max_monthly_limit_reached"));
  const budget = { budget: "b", scope: "user" as const, of: "u1", credits: 0n, hard: true };
  putBudget(account, budget, account.nowMs);
  expect(tryTo(account, 1, mine)).toEqual(denial("budget_exhausted", "b"));
  expect(tryTo(account, 0, mine)).toMatchObject({ kind: "booked" });
  limitAccess(account, "assistant", { users: [], teams: ["t1"] }, account.nowMs);
  expect(tryTo(account, 0, mine)).toEqual(denial("not_permitted"));
  putUser(account, "u1", ["t1"], account.nowMs);
  expect(tryTo(account, 0, mine)).toMatchObject({ kind: "booked" });
  expect(tryTo(account, 0)).toEqual(denial("not_permitted"));
  pauseFeature(account, "assistant", true, account.nowMs);
  expect(tryTo(account, 0, mine)).toEqual(denial("feature_paused"));
  suspend(account, true, account.nowMs, "late");
  expect(tryTo(account, 0, mine)).toEqual(denial("account_suspended"));
  expect(heard(account)).toEqual([
    "limit passed in pause: 1500 of 1500",
    "maximum reached: 1500 of 1400",
    "assistant paused",
    "suspended: late",
  ]);
});

test("budgets count all usage since the period's start and what is held; the one with least left is named", () => {
  const account = accountWith({ included: 1000 });
  const mine = { user: "u1", workflow: "w" };
  putUser(account, "u1", ["t1", "t2"], account.nowMs);
  use(account, 40, mine);
  putUser(account, "u1", ["t2"], account.nowMs);
  place(account, 20, mine);
  const now = account.nowMs;
  const of100 = { credits: credits(100), hard: true };
  const team1 = { budget: "team-1", scope: "team" as const, of: "t1", ...of100 };
  const user1 = { budget: "user-1", scope: "user" as const, of: "u1", ...of100 };
  const soft = { budget: "soft", scope: "workflow" as const, of: "w", credits: credits(10), hard: false };
  for (const budget of [team1, user1, soft]) putBudget(account, budget, now);
  // Booked when the user was in t1; the hold came later.
  expect([budgetUsed(account, team1), budgetHeld(account, team1)]).toEqual([credits(40), 0n]);
  expect([budgetUsed(account, user1), budgetHeld(account, user1)]).toEqual([credits(40), credits(20)]);
  expect(heard(account)).toEqual(["budget soft 100 %: 40 of 10"]);

  putUser(account, "u1", ["t1", "t2"], now);
  expect(tryTo(account, 41, mine)).toEqual(denial("budget_exhausted", "user-1"));
  expect(tryTo(account, 40, mine)).toMatchObject({ kind: "booked" });
  expect(heard(account)).toEqual(["budget team-1 75 %: 80 of 100", "budget user-1 75 %: 80 of 100"]);
  expect(book(account, 20, mine).wouldDeny).toEqual(denial("budget_exhausted", "user-1"));
  expect(heard(account)).toEqual(["budget team-1 100 %: 100 of 100", "budget user-1 100 %: 100 of 100"]);
  expect(tryTo(account, 100, { user: "u2" })).toMatchObject({ kind: "booked" });
});

test("a closed account denies, refuses and is billed to the last moment", () => {
  const account = accountWith({ included: 0, packs: 1, setting: "pay_as_you_go", used: 1025 });
  const sent = place(account, 10);
  close(account, NOW + 1);
  expect(account.closed).toMatchObject([{ endMs: NOW + 1, held: 0n, amountMinor: 20n }]);
  expect(tryTo(account, 0)).toEqual(denial("account_suspended"));
  expect(settle(account, sent.id, 10)).toEqual(conflict);
  expect(record(account, event(1), account.nowMs)).toEqual({ kind: "refused", why: "account_closed" });
  expect(close(account, RESET + DAY_MS)).toEqual({ kind: "refused", why: "account_closed" });
  expect(account.closed).toHaveLength(1);
});
