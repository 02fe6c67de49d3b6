/** Makes an account of the demo through the API. Each call may be repeated: its id or its nature says what it did. */
import { type Balance, type Drawdown, DrawdownError, type Event } from "../../../shared/client/client.ts";
import type { DemoAccount, DemoHold } from "./accounts.ts";
import { makeUsage } from "./usage.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const TOKENS_PER_CREDIT = 1000;

/** `nowMs` is when the demo was first made. */
export async function makeLiveAccount(
  drawdown: Drawdown,
  demo: DemoAccount,
  nowMs: number,
): Promise<Balance> {
  const { account } = demo.account;
  const startedAt = new Date(nowMs - demo.daysIntoPeriod * DAY_MS).toISOString();
  await drawdown.createAccount({ ...demo.account, anchorDate: startedAt.slice(0, 10) });
  await all(demo.users, (user, body) => drawdown.putUser(account, user, body));
  if (demo.pack !== null) await drawdown.buyPack(account, demo.pack, `demo-${account}`);
  for (const [index, grant] of demo.grants.entries()) {
    await drawdown.grant(account, grant, `demo-${account}-grant-${index + 1}`);
  }
  await all(demo.budgets, (budget, body) => drawdown.putBudget(account, budget, body));
  await use(drawdown, demo, nowMs);
  for (const body of demo.corrections) {
    await drawdown.correct(account, body, `demo-${account}-correct-${body.event}`);
  }
  await Promise.all(demo.holds.map((hold) => makeHold(drawdown, account, hold)));
  await all(demo.features, (feature, body) => drawdown.putFeature(account, feature, body));
  if (demo.rates.length > 0 && (await drawdown.accountRates(account)).data.length === 0) {
    await drawdown.setAccountRates(account, { rates: demo.rates });
  }
  return drawdown.balance(account);
}

async function all<Body>(
  bodies: Readonly<Record<string, Body>>,
  put: (name: string, body: Body) => Promise<unknown>,
): Promise<void> {
  await Promise.all(Object.entries(bodies).map(([name, body]) => put(name, body)));
}

async function use(drawdown: Drawdown, demo: DemoAccount, nowMs: number): Promise<void> {
  const { account } = demo.account;
  const events = makeUsage(account, demo.habits, demo.daysIntoPeriod, nowMs);
  const results = await drawdown.events(events, demo.mode);
  for (const result of results) if ("problem" in result) throw new DrawdownError(result.problem);
  const firstDenied = results.findIndex((result) => "allowed" in result && !result.allowed);
  const denied = events[firstDenied];
  if (denied !== undefined) await useUp(drawdown, denied);
}

/** Uses what is left to the last credit, in place of an event that was denied. */
async function useUp(drawdown: Drawdown, { account, id, user, occurredAt }: Event): Promise<void> {
  const { remaining } = await drawdown.balance(account);
  if (remaining === 0) return;
  await drawdown.consume({
    account,
    id: `${id}_instead`,
    feature: "assistant",
    action: "input_tokens",
    quantity: Math.round(remaining * TOKENS_PER_CREDIT),
    user,
    occurredAt,
  });
}

async function makeHold(
  drawdown: Drawdown,
  account: string,
  { event, capturedQuantity }: DemoHold,
): Promise<void> {
  await drawdown.hold({ account, ...event });
  if (capturedQuantity === null || event.action === undefined) return;
  await drawdown.capture(account, event.id, { action: event.action, quantity: capturedQuantity });
}
