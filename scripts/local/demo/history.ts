/**
 * An account in test mode whose clock has run through some months: closed periods with their invoices, paid, overdue and
 * open, a conversion, corrections of closed periods, and enough of the past for forecasts and insights.
 */
import {
  type Balance,
  type CreateAccount,
  type Drawdown,
  DrawdownError,
  type PutUser,
} from "../../../shared/client/client.ts";
import { makeUsage, type UsageHabits } from "./usage.ts";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const DAYS_OF_HISTORY = 100;
/** In UTC: the same date in the account's time zone. */
const OPENED_AT_HOUR = 20;
/** Older invoices are paid; those after them are overdue once their 14 days are over. */
const PAID_AFTER_DAYS = 50;
/** So many posts on one day, some days ago: a spike. */
const SPIKE = { events: 30, daysAgo: 3 };

const CLOCK = "demo";
const ACCOUNT: CreateAccount = {
  account: "hooli",
  name: "Hooli",
  plans: ["starter"],
  testClock: CLOCK,
  timeZone: "America/Los_Angeles",
  netDays: 14,
  buyer: { name: "Hooli Inc.", address: "1 Hooli Way\nPalo Alto, CA 94304\nUSA", purchaseOrder: "PO-77" },
  creditOwner: "gavin",
};
const USERS: Readonly<Record<string, PutUser>> = {
  gavin: { name: "Gavin Belson", email: "gavin@hooli.example", roles: ["super_admin", "billing_admin"] },
  hoover: { name: "Hoover", email: "hoover@hooli.example", roles: ["feature_owner"], teams: ["security"] },
  denpok: { name: "Denpok Singh", roles: ["member"], teams: ["wellness"] },
};
const HABITS: UsageHabits = {
  events: 480,
  users: ["hoover", "hoover", "denpok", "gavin"],
  uses: ["conversation", "conversation", "post", "post", "page", "lead", "record", "flow"],
};

const account = ACCOUNT.account;

/** `nowMs` is when the demo was first made: where the clock ends. */
export async function makeHistory(drawdown: Drawdown, nowMs: number): Promise<Balance> {
  const daysAgoMs = nowMs - DAYS_OF_HISTORY * DAY_MS;
  const startMs = daysAgoMs - (daysAgoMs % DAY_MS) + OPENED_AT_HOUR * HOUR_MS;
  await makeClock(drawdown, startMs);
  await drawdown.createAccount({ ...ACCOUNT, anchorDate: at(startMs).slice(0, 10) });
  for (const [user, body] of Object.entries(USERS)) await drawdown.putUser(account, user, body);
  await drawdown.convert(account, { size: 100, quantity: 1 }, "demo-hooli-conversion");
  // Months later the clock's account has forgotten the purchase's key.
  const { data: packs } = await drawdown.packs(account);
  if (!packs.some(({ source }) => source === "purchase")) {
    await drawdown.buyPack(account, { pack: "pack-1000" }, "demo-hooli");
  }
  await drawdown.changeSettings(account, { overageSetting: "pay_as_you_go" });
  // Each period is used up to its last day, then it ends; the clock says how far an earlier try came.
  for (let lastDayMs = await lastDayOf(drawdown); lastDayMs < nowMs; lastDayMs = await lastDayOf(drawdown)) {
    await useUntil(drawdown, lastDayMs);
    await advance(drawdown, lastDayMs + DAY_MS);
  }
  await useUntil(drawdown, nowMs);
  await spike(drawdown, nowMs);
  await payOld(drawdown, nowMs);
  return drawdown.balance(account);
}

function at(ms: number): string {
  return new Date(ms).toISOString();
}

/** The clock of an earlier try has run on already. */
async function makeClock(drawdown: Drawdown, startMs: number): Promise<void> {
  try {
    await drawdown.createTestClock(CLOCK, at(startMs));
  } catch (error) {
    if (!(error instanceof DrawdownError) || error.problem.code !== "test_clock_exists") throw error;
  }
}

async function advance(drawdown: Drawdown, toMs: number): Promise<void> {
  const { now } = await drawdown.testClock(CLOCK);
  if (Date.parse(now) < toMs) await drawdown.advanceTestClock(CLOCK, at(toMs));
}

/** A day before the running period ends. */
async function lastDayOf(drawdown: Drawdown): Promise<number> {
  return Date.parse((await drawdown.balance(account)).resetAt) - DAY_MS;
}

/** Books what the running period used until then, and corrects an event of the one before. */
async function useUntil(drawdown: Drawdown, untilMs: number): Promise<void> {
  await advance(drawdown, untilMs);
  const { period } = await drawdown.balance(account);
  const days = Math.round((untilMs - Date.parse(period.start)) / DAY_MS);
  const events = Math.round((HABITS.events * days) / 30);
  const usage = makeUsage(account, { ...HABITS, events }, days, untilMs, `${account}_${period.name}`);
  await record(drawdown, usage);
  const [before] = (await drawdown.periods(account, { limit: 1 })).data;
  if (before === undefined) return;
  const event = `demo_${account}_${before.period}_40`;
  await drawdown.correct(account, { event, reason: "answered twice" }, `demo-correct-${event}`);
}

async function record(drawdown: Drawdown, events: Parameters<Drawdown["events"]>[0]): Promise<void> {
  const results = await drawdown.events(events);
  for (const result of results) if ("problem" in result) throw new DrawdownError(result.problem);
}

async function spike(drawdown: Drawdown, nowMs: number): Promise<void> {
  const occurredAt = at(nowMs - SPIKE.daysAgo * DAY_MS);
  const posts = Array.from({ length: SPIKE.events }, (_, index) => ({
    account,
    id: `demo_${account}_spike_${index + 1}`,
    feature: "content_agent",
    action: "post_drafted",
    quantity: 1,
    user: "denpok",
    workflow: "newsletter",
    occurredAt,
  }));
  await record(drawdown, posts);
}

async function payOld(drawdown: Drawdown, nowMs: number): Promise<void> {
  const { data } = await drawdown.invoices(account, { limit: 100 });
  const old = data.filter(
    ({ status, issuedAt }) => status === "open" && Date.parse(issuedAt) < nowMs - PAID_AFTER_DAYS * DAY_MS,
  );
  for (const { invoice, number } of old) await drawdown.markInvoicePaid(invoice, `wire for ${number}`);
}
