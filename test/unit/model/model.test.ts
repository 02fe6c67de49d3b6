/** The model says of the worked examples of section 13 what the rules say: those that are about one account. */
import { expect, test } from "vitest";
import { monthAround } from "../calendar.ts";
import { convert } from "./conversions.ts";
import { correct } from "./corrections.ts";
import { balance, overdraft, periodName, stateOf } from "./figures.ts";
import { accountWith, book, credits, denial, event, heard, purchase, RESET, tryTo, use } from "./given.ts";
import { capture, hold, release } from "./holds.ts";
import { documents } from "./invoices.ts";
import { changeRenewal, packsShown } from "./packs.ts";
import { look } from "./periods.ts";
import { choose } from "./settings.ts";
import { check, consume } from "./usage.ts";

const HOUR_MS = 60 * 60 * 1000;

function invoiced(account: Parameters<typeof documents>[0]) {
  return documents(account).made.map(({ kind, period, subtotalMinor, creditedMinor }) => ({
    kind,
    period,
    amount: subtotalMinor - creditedMinor,
  }));
}

test("1: an upgrade adds one pack for the rest of the term", () => {
  const account = accountWith({ included: 5000, packs: 1, used: 5900 });
  use(account, 600);
  expect(balance(account)).toMatchObject({ used: credits(6500), limit: credits(7000) });
  expect(heard(account)).toEqual(["upgraded by 1 p1000 for 1000: 6500 of 7000"]);
  expect(packsShown(account).packs.map(({ origin }) => origin)).toEqual(["bought", "automatic"]);
  expect(account.charges).toMatchObject([{ kind: "upgrade", line: { packs: 1n, priceMinor: 1000n } }]);

  look(account, RESET);
  expect(invoiced(account)).toEqual([
    { kind: "upgrade", period: "2026-11-14", amount: 1000n },
    { kind: "renewal", period: "2026-12-14", amount: 2000n },
  ]);
  look(account, Date.parse("2027-11-13T23:59:59.999Z"));
  expect(invoiced(account)).toHaveLength(12);
  look(account, Date.parse("2027-11-14T00:00:00Z"));
  expect(invoiced(account).at(-1)).toEqual({ kind: "renewal", period: "2027-11-14", amount: 1000n });
  expect(packsShown(account).packs.map(({ origin }) => origin)).toEqual(["bought"]);
});

test("2: overage is billed in tens, rounded down", () => {
  const account = accountWith({ included: 5000, packs: 1, setting: "pay_as_you_go" });
  use(account, 6237.5);
  expect(balance(account)).toMatchObject({ overage: credits(237.5), accruedMinor: 230n, state: "overage" });
  look(account, RESET);
  expect(account.closed).toMatchObject([{ billable: credits(237.5), billed: credits(230) }]);
  expect(balance(account)).toMatchObject({ limit: credits(6000), used: 0n });
  expect(invoiced(account)).toEqual([
    { kind: "overage", period: "2026-11-14", amount: 230n },
    { kind: "renewal", period: "2026-12-14", amount: 1000n },
  ]);
});

test("3 and 4: denied as a whole, exhausted to the last half credit, and bought free", () => {
  const account = accountWith({ included: 500, used: 499.5 });
  expect(tryTo(account, 1)).toEqual(denial("credits_exhausted"));
  expect(balance(account)).toMatchObject({ used: credits(499.5), remaining: credits(0.5), state: "active" });
  use(account, 0.5);
  expect(stateOf(account)).toBe("exhausted");

  purchase(account);
  expect(balance(account)).toMatchObject({ limit: credits(1500), setting: "auto_upgrade", state: "active" });
});

test("5: a change of the setting waits for the reset once something was used", () => {
  const account = accountWith({ packs: 1, used: 1 });
  expect(choose(account, { setting: "pay_as_you_go" }, account.nowMs)).toMatchObject({
    effectiveAtMs: RESET,
  });
  expect(heard(account)).toEqual(["auto_upgrade becomes pay_as_you_go at 2026-12-14T00:00:00.000Z"]);
  expect(use(account, 1500).upgrade).toMatchObject({ packs: 1n });
  look(account, RESET);
  expect(balance(account)).toMatchObject({ setting: "pay_as_you_go", pending: null });
});

test("6: and is in force at once otherwise", () => {
  const account = accountWith({ packs: 1 });
  choose(account, { setting: "pay_as_you_go" }, account.nowMs);
  expect(balance(account)).toMatchObject({ setting: "pay_as_you_go", pending: null });
  expect(heard(account)).toEqual(["auto_upgrade became pay_as_you_go"]);
});

test("7: upgrades go as far as the maximum lets usage go, and a purchase raises it", () => {
  const account = accountWith({ included: 5000, packs: 1, maximum: 6800, used: 5900 });
  expect(tryTo(account, 901)).toEqual(denial("max_monthly_limit_reached"));
  expect(account.charges).toEqual([]);
  // Below 90 % of the maximum the denial is not yet its being reached.
  expect(heard(account)).toEqual([]);

  expect(check(account, event(900), account.nowMs)).toMatchObject({ upgrade: { packs: 1n } });
  expect(use(account, 900).upgrade).toEqual({ pack: "p1000", packs: 1n, priceMinor: 1000n });
  expect(balance(account)).toMatchObject({ limit: credits(7000), state: "maximum_reached" });
  expect(heard(account)).toEqual([
    "upgraded by 1 p1000 for 1000: 6800 of 7000",
    "maximum reached: 6800 of 6800",
  ]);

  purchase(account);
  expect(balance(account)).toMatchObject({
    limit: credits(8000),
    maximum: credits(8000),
    state: "active",
  });
});

test.each([
  [8, 8000, 8000, []],
  [9, 6500, 7000, ["maximum raised from 6500 to 7000"]],
])("%i: a purchase raises a maximum of %i to %i", (_, maximum, then, notices) => {
  const account = accountWith({ included: 5000, packs: 1, maximum });
  purchase(account);
  expect(balance(account)).toMatchObject({ limit: credits(7000), maximum: credits(then) });
  expect(heard(account)).toEqual(notices);
});

test("10: the highest of several thresholds is told", () => {
  const account = accountWith({ included: 1000, used: 740 });
  use(account, 170);
  use(account, 1);
  expect(heard(account)).toEqual(["limit 90 %: 910 of 1000"]);
});

test("11: a higher limit arms a threshold again", () => {
  const account = accountWith({ included: 1000, used: 740 });
  use(account, 20);
  expect(heard(account)).toEqual(["limit 75 %: 760 of 1000"]);
  purchase(account);
  for (let used = 770; used <= 1500; used += 10) use(account, 10);
  expect(heard(account)).toEqual(["limit 75 %: 1500 of 2000"]);
});

test("12: of 200 events exactly 100 fit", () => {
  const account = accountWith({ included: 1000, used: 900 });
  const answers = Array.from({ length: 200 }, () => tryTo(account, 1).kind);
  expect(answers.filter((kind) => kind === "booked")).toHaveLength(100);
});

test("13: what is held is not available to others, what was not captured is", () => {
  const account = accountWith({ included: 1000, used: 940 });
  const held = event(50);
  expect(hold(account, held, account.nowMs + HOUR_MS, account.nowMs)).toMatchObject({ kind: "held" });
  expect(balance(account)).toMatchObject({ held: credits(50), remaining: credits(10) });
  expect(tryTo(account, 20)).toEqual(denial("credits_exhausted"));
  const part = { hold: held.id, content: "30", credits: credits(30), overflow: "consume" as const };
  capture(account, part, account.nowMs);
  expect(balance(account)).toMatchObject({ held: 0n, remaining: credits(30) });
  use(account, 20);
  expect(balance(account)).toMatchObject({ remaining: credits(10) });
});

test("14: the same event is booked once", () => {
  const account = accountWith();
  const sent = event(7);
  const answers = Array.from({ length: 13 }, (_, index) =>
    consume(account, sent, account.nowMs + index * 700),
  );
  const [first, ...others] = answers;
  expect(first).toMatchObject({ kind: "booked", replayed: false, seq: 1 });
  expect(new Set(others.map((answer) => JSON.stringify(answer, bigintsAsText)))).toEqual(
    new Set([JSON.stringify({ ...first, replayed: true }, bigintsAsText)]),
  );
  expect(balance(account)).toMatchObject({ used: credits(7) });
});

function bigintsAsText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

test("15: periods of an anchor on the 31st", () => {
  const from = (day: string) =>
    new Date(monthAround("2025-01-31", "UTC", Date.parse(day)).endMs).toISOString().slice(0, 10);
  expect(["2025-01-31", "2025-02-28", "2025-03-31", "2028-01-31"].map(from)).toEqual([
    "2025-02-28",
    "2025-03-31",
    "2025-04-30",
    "2028-02-29",
  ]);
});

test("16: earlier packs become monthly credits without an invoice, in pause", () => {
  const account = accountWith();
  const request = { key: "row-1", content: "row 1" };
  expect(convert(account, { ...request, size: 100, packs: 2n }, account.nowMs)).toMatchObject({
    credits: credits(6000),
  });
  expect(convert(account, { ...request, size: 100, packs: 2n }, account.nowMs)).toMatchObject({
    replayed: true,
  });
  expect(balance(account)).toMatchObject({ limit: credits(6500), setting: "pause" });
  look(account, RESET);
  expect(balance(account)).toMatchObject({ limit: credits(6500) });
  expect(documents(account).made).toEqual([]);
  look(account, Date.parse("2027-11-14T00:00:00Z"));
  expect(balance(account)).toMatchObject({ limit: credits(500) });

  const three = { key: "row-2", content: "row 2", size: 1000, packs: 3n };
  expect(convert(account, three, account.nowMs)).toMatchObject({ credits: credits(45_000) });
  expect(convert(account, { ...request, key: "row-3", size: 500, packs: 1n }, account.nowMs)).toEqual({
    kind: "refused",
    why: "unknown_size",
  });
});

test("17: a hold adds no pack", () => {
  const account = accountWith({ included: 5000, packs: 1, used: 5990 });
  const held = event(50);
  hold(account, held, account.nowMs + HOUR_MS, account.nowMs);
  release(account, held.id, account.nowMs + 1);
  expect(balance(account)).toMatchObject({ limit: credits(6000), held: 0n });
  expect(account.charges).toEqual([]);
});

test("18: a hold carries over, what it held expires unused", () => {
  const account = accountWith({ included: 1000, used: 990 });
  const held = event(10);
  hold(account, held, RESET + HOUR_MS, RESET - HOUR_MS);
  const all = { hold: held.id, content: "10", credits: credits(10), overflow: "consume" as const };
  expect(capture(account, all, RESET)).toMatchObject({ kind: "booked", period: "2026-12-14" });
  expect(account.closed).toMatchObject([{ expired: credits(10), held: credits(10), used: credits(990) }]);
  expect(balance(account)).toMatchObject({ used: credits(10) });
});

test("19: corrections of a billed period are credited as far as they change its bill", () => {
  const account = accountWith({ included: 5000, packs: 1, setting: "pay_as_you_go" });
  const sent = event(6237.5);
  consume(account, sent, account.nowMs);
  look(account, RESET);
  const request = { key: null, content: "", event: sent.id };
  expect(correct(account, { ...request, credits: credits(7) }, RESET)).toMatchObject({
    period: "2026-11-14",
    creditMinor: 0n,
  });
  expect(correct(account, { ...request, credits: credits(1) }, RESET)).toMatchObject({ creditMinor: 10n });
  expect(balance(account)).toMatchObject({ used: 0n });
  purchase(account);
  expect(invoiced(account).at(-1)).toEqual({ kind: "purchase", period: "2026-12-14", amount: 990n });
});

test("20: a pack that is bought during overage absorbs it", () => {
  const account = accountWith({ included: 5000, packs: 1, setting: "pay_as_you_go", used: 6400 });
  purchase(account);
  expect(balance(account)).toMatchObject({ limit: credits(7000), overage: 0n });
  look(account, RESET);
  expect(invoiced(account).map(({ kind }) => kind)).toEqual(["purchase", "renewal"]);
});

test("21: with the last pack setting and maximum end", () => {
  const account = accountWith({
    packs: 1,
    setting: "pay_as_you_go",
    maximum: 9000,
    agreement: { termPeriods: 1 },
  });
  changeRenewal(account, "pack-1", "none", account.nowMs);
  look(account, RESET);
  expect(balance(account)).toMatchObject({ setting: "pause", maximum: null, limit: credits(500) });
  expect(packsShown(account)).toMatchObject({ packs: [], termPeriods: null });
});

test("22: a record above the maximum is overdraft, and not billable", () => {
  const account = accountWith({
    included: 0,
    packs: 1,
    setting: "pay_as_you_go",
    maximum: 1200,
    used: 1190,
  });
  expect(book(account, 50)).toMatchObject({
    overdraft: credits(40),
    wouldDeny: denial("max_monthly_limit_reached"),
  });
  expect(balance(account)).toMatchObject({ used: credits(1240), billable: credits(200) });
  expect(overdraft(account)).toBe(credits(40));
  expect(periodName(account)).toBe("2026-11-14");
});
