/**
 * The demo operator, made through the public API like any other: what is sold, and three accounts in different states
 * with some weeks of usage. Repeating it changes nothing, also after it broke off: ids are fixed, and times follow from
 * the moment at which the rate sheet was published.
 */
import {
  type Balance,
  type CreateApiKey,
  Drawdown,
  DrawdownError,
  type Event,
} from "../../shared/client/client.ts";
import { DEMO_ACCOUNTS, type DemoAccount } from "./demo/accounts.ts";
import { DEMO_CATALOG, DEMO_FEATURES } from "./demo/offer.ts";
import { makeUsage } from "./demo/usage.ts";
import type { DemoSummary, Seed } from "./first-start.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Longer than any record may lie back, so that all of them have a price. */
const PRICES_SINCE_DAYS = 60;
const TOKENS_PER_CREDIT = 1000;

/** The README's first command, to the letter: whoever tries both sends one event twice, and no conflict. */
const TRY_IT: Event = {
  account: "acme",
  id: "req_7f3",
  feature: "assistant",
  items: [
    { action: "input_tokens", quantity: 374 },
    { action: "output_tokens", quantity: 44 },
  ],
};

const DEMO_KEYS: readonly { readonly about: string; readonly body: CreateApiKey }[] = [
  {
    about: "Key for a product, scope consume",
    body: { name: "Demo product", scopes: ["consume"], mode: "live" },
  },
  {
    about: "Key for trials in test mode, all scopes",
    body: { name: "Demo trials", scopes: ["consume", "read", "admin"], mode: "test" },
  },
];

export const seed: Seed = async ({ url, adminKey }): Promise<DemoSummary> => {
  const drawdown = new Drawdown({ baseUrl: url, apiKey: adminKey });
  await drawdown.putCatalog(DEMO_CATALOG);
  const publishedAtMs = await publishRates(drawdown);
  const balances = await Promise.all(DEMO_ACCOUNTS.map((demo) => seedAccount(drawdown, demo, publishedAtMs)));
  const features = new Set(DEMO_FEATURES.map((feature) => feature.category));
  return {
    consume: TRY_IT,
    keys: await mintKeys(drawdown),
    about: [
      `${DEMO_FEATURES.length} features in ${features.size} categories: ${[...features].join(", ")}`,
      "Accounts:",
      ...balances.map(aboutAccount),
    ],
  };
};

/** Those that an earlier try minted were shown to nobody: they are revoked. */
async function mintKeys(drawdown: Drawdown): Promise<DemoSummary["keys"]> {
  const { data: known } = await drawdown.apiKeys();
  const names = DEMO_KEYS.map(({ body }) => body.name);
  const forgotten = known.filter(({ name, revokedAt }) => names.includes(name) && revokedAt === null);
  for (const { id } of forgotten) await drawdown.revokeApiKey(id);
  const keys: { about: string; key: string }[] = [];
  for (const { about, body } of DEMO_KEYS) keys.push({ about, key: (await drawdown.createApiKey(body)).key });
  return keys;
}

/** Publishes the rate sheet unless there is one; returns when that was. */
async function publishRates(drawdown: Drawdown): Promise<number> {
  try {
    return Date.parse((await drawdown.rateSheet("current")).publishedAt);
  } catch (error) {
    if (!(error instanceof DrawdownError) || error.problem.code !== "no_rate_sheet") throw error;
  }
  const effectiveAt = new Date(Date.now() - PRICES_SINCE_DAYS * DAY_MS).toISOString();
  const sheet = await drawdown.publishRateSheet({ effectiveAt, features: DEMO_FEATURES });
  return Date.parse(sheet.publishedAt);
}

async function seedAccount(drawdown: Drawdown, demo: DemoAccount, nowMs: number): Promise<Balance> {
  const { account } = demo.account;
  const startedAt = new Date(nowMs - demo.daysIntoPeriod * DAY_MS).toISOString();
  await drawdown.createAccount({ ...demo.account, anchorDate: startedAt.slice(0, 10) });
  await Promise.all(Object.entries(demo.users).map(([user, body]) => drawdown.putUser(account, user, body)));
  if (demo.pack !== null) await drawdown.buyPack(account, demo.pack, `demo-${account}`);
  const events = makeUsage(account, demo.habits, demo.daysIntoPeriod, nowMs);
  const results = await drawdown.events(events, demo.mode);
  for (const result of results) if ("problem" in result) throw new DrawdownError(result.problem);
  const firstDenied = results.findIndex((result) => "allowed" in result && !result.allowed);
  const denied = events[firstDenied];
  if (denied !== undefined) await useUp(drawdown, denied);
  return drawdown.balance(account);
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

function aboutAccount({ account, state, used, limit, overageSetting, maximum }: Balance): string {
  const credits = (amount: number) => amount.toLocaleString("en", { maximumFractionDigits: 2 });
  const most = maximum === null ? "" : `, at most ${credits(maximum)}`;
  return `  ${account}: ${state}, ${credits(used)} of ${credits(limit)} credits used, ${overageSetting}${most}`;
}
