/**
 * The demo operator, made through the public API like any other: what is sold, three accounts in different states with
 * some weeks of usage, and one in test mode with some months of history. Repeating it changes nothing, also after it
 * broke off: ids are fixed, and times follow from the moment at which the rate sheet was published.
 */
import {
  type Balance,
  type CreateApiKey,
  Drawdown,
  DrawdownError,
  type Event,
} from "../../shared/client/client.ts";
import { DEMO_ACCOUNTS } from "./demo/accounts.ts";
import { makeHistory } from "./demo/history.ts";
import { makeLiveAccount } from "./demo/live.ts";
import { DEMO_CATALOG, DEMO_FEATURES, DEMO_FEATURES_AHEAD } from "./demo/offer.ts";
import type { DemoSummary, Seed } from "./first-start.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Longer than any event of the demo may lie back, so that all of them have a price. */
const PRICES_SINCE_DAYS = 200;
/** More than the 30 days that a price may rise after. */
const PRICES_RISE_IN_DAYS = 45;

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

const PRODUCT_KEY: CreateApiKey = { name: "Demo product", scopes: ["consume"], mode: "live" };
const TRIALS_KEY: CreateApiKey = {
  name: "Demo trials",
  scopes: ["consume", "read", "admin"],
  mode: "test",
};

export const seed: Seed = async ({ url, adminKey }): Promise<DemoSummary> => {
  const drawdown = new Drawdown({ baseUrl: url, apiKey: adminKey });
  await drawdown.putCatalog(DEMO_CATALOG);
  const publishedAtMs = await publishRates(drawdown);
  const [product, trials] = await mintKeys(drawdown, [PRODUCT_KEY, TRIALS_KEY]);
  const sandbox = new Drawdown({ baseUrl: url, apiKey: trials });
  const [history, ...balances] = await Promise.all([
    makeHistory(sandbox, publishedAtMs),
    ...DEMO_ACCOUNTS.map((demo) => makeLiveAccount(drawdown, demo, publishedAtMs)),
  ]);
  await announcePrices(drawdown, publishedAtMs);
  const categories = new Set(DEMO_FEATURES.map((feature) => feature.category));
  return {
    consume: TRY_IT,
    keys: [
      { about: "Key for a product, scope consume", key: product },
      { about: "Key for trials in test mode, all scopes", key: trials },
    ],
    about: [
      `${DEMO_FEATURES.length} features in ${categories.size} categories: ${[...categories].join(", ")}`,
      "Accounts:",
      ...balances.map(aboutAccount),
      "In test mode, with months of history on a test clock:",
      aboutAccount(history),
    ],
  };
};

/** Those that an earlier try minted were shown to nobody: they are revoked. */
async function mintKeys(
  drawdown: Drawdown,
  bodies: readonly [CreateApiKey, CreateApiKey],
): Promise<readonly [string, string]> {
  const { data: known } = await drawdown.apiKeys();
  const names = bodies.map(({ name }) => name);
  const forgotten = known.filter(({ name, revokedAt }) => names.includes(name) && revokedAt === null);
  for (const { id } of forgotten) await drawdown.revokeApiKey(id);
  const [first, second] = bodies;
  return [(await drawdown.createApiKey(first)).key, (await drawdown.createApiKey(second)).key];
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

/** Prices that change later, so that there is something to announce. */
async function announcePrices(drawdown: Drawdown, publishedAtMs: number): Promise<void> {
  const { data } = await drawdown.rateSheets();
  if (data.length > 1) return;
  const effectiveAt = new Date(publishedAtMs + PRICES_RISE_IN_DAYS * DAY_MS).toISOString();
  await drawdown.publishRateSheet({ effectiveAt, features: DEMO_FEATURES_AHEAD });
}

function aboutAccount({ account, state, used, limit, overageSetting, maximum }: Balance): string {
  const credits = (amount: number) => amount.toLocaleString("en", { maximumFractionDigits: 2 });
  const most = maximum === null ? "" : `, at most ${credits(maximum)}`;
  return `  ${account}: ${state}, ${credits(used)} of ${credits(limit)} credits used, ${overageSetting}${most}`;
}
