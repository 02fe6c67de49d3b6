/**
 * `npm run bench:pages`: time to the first byte of each page of an account with a long history, next to the same page of
 * an account with a short one. Both are used in the same way by the same people; pages are asked for in turns.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { startServer } from "../../scripts/local/server.ts";
import { mintKey, SCOPES } from "../../shared/api-keys.ts";
import { Drawdown } from "../../shared/client/client.ts";
import { DEMO_ACCOUNT, PAGES } from "../pages/page-table.ts";

const { values } = parseArgs({
  options: {
    entries: { type: "string", default: "1000000" },
    baseline: { type: "string", default: "1000" },
    rounds: { type: "string", default: "15" },
  },
});
const rounds = Number(values.rounds);

const LONG = "long";
const SHORT = "short";
const EVENTS_PER_CALL = 1_000;
const CALLS_AT_ONCE = 4;
const WARM_UP_ROUNDS = 3;
const FEATURES = ["assistant", "customer_agent", "lead_finder", "enrichment", "writer", "voice"] as const;
const USERS = 40;
const DAYS = 34;
const EXAMPLES: Readonly<Record<string, string>> = {
  entry: "/log/event-500",
  feature: `/features/${FEATURES[0]}`,
  person: "/people/ada",
};
const QUIET_SECONDS = 20;
const DAY_MS = 24 * 60 * 60 * 1000;

const stateFolder = mkdtempSync(join(tmpdir(), "drawdown-bench-pages-"));
const server = await startServer({ stateFolder, cron: false, log: () => {} });
try {
  const apiKey = await mintKey({ keyId: "key_bench", mode: "live", scopes: SCOPES }, server.signingSecret);
  const drawdown = new Drawdown({ baseUrl: server.url, apiKey });
  await publish(drawdown);
  const filled = performance.now();
  await fill(drawdown, SHORT, Number(values.baseline));
  await fill(drawdown, LONG, Number(values.entries));
  console.log(`${values.entries} entries booked in ${Math.round((performance.now() - filled) / 1000)} s`);
  await report(drawdown);
} finally {
  await server.close();
  rmSync(stateFolder, { recursive: true, force: true });
}

async function publish(drawdown: Drawdown): Promise<void> {
  await drawdown.putCatalog({
    plans: [{ plan: "all", name: "All", includedCredits: 5_000_000 }],
    packs: [
      { pack: "pack-1000", name: "1,000", credits: 1_000, prices: [{ amountMinor: 1_000, currency: "USD" }] },
    ],
    overageRates: [],
  });
  await drawdown.publishRateSheet({
    effectiveAt: new Date(Date.now() - 2 * DAYS * DAY_MS).toISOString(),
    features: FEATURES.map((feature) => ({
      feature,
      name: feature,
      category: "AI",
      actions: [{ action: "run", name: "Run", credits: 0.5 }],
    })),
  });
  for (const account of [SHORT, LONG]) {
    await drawdown.createAccount({ account, plans: ["all"] });
    await drawdown.putUser(account, "ada", { name: "Ada", roles: ["super_admin"] });
  }
}

/** Spread over the days before today, as `record` takes it: from the oldest to the newest. */
async function fill(drawdown: Drawdown, account: string, entries: number): Promise<void> {
  const begunMs = Date.now() - DAYS * DAY_MS;
  const calls = Math.ceil(entries / EVENTS_PER_CALL);
  let next = 0;
  const caller = async () => {
    while (next < calls) {
      const call = next;
      next += 1;
      const count = Math.min(EVENTS_PER_CALL, entries - call * EVENTS_PER_CALL);
      const events = Array.from({ length: count }, (_, index) => {
        const number = call * EVENTS_PER_CALL + index;
        return {
          account,
          id: `event-${number}`,
          feature: FEATURES[number % FEATURES.length] ?? FEATURES[0],
          action: "run",
          quantity: 1,
          user: `user-${number % USERS}`,
          occurredAt: new Date(
            begunMs + Math.floor((number / entries) * (DAYS * DAY_MS - 60_000)),
          ).toISOString(),
        };
      });
      const results = await drawdown.events(events, "record");
      const refused = results.find((result) => !("allowed" in result) || !result.allowed);
      if (refused !== undefined) throw new Error(JSON.stringify(refused));
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, caller));
  await logged(drawdown);
}

/** Until no entry has come into D1's log for a while. */
async function logged(drawdown: Drawdown): Promise<void> {
  for (;;) {
    const { pipeline } = await drawdown.status();
    if ((pipeline?.log.lastStored?.ageSeconds ?? 0) > QUIET_SECONDS) return;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

interface Timed {
  readonly ms: number;
  readonly bytes: number;
  readonly costs: string;
}

async function report(drawdown: Drawdown): Promise<void> {
  const cookies = { [SHORT]: await signIn(drawdown, SHORT), [LONG]: await signIn(drawdown, LONG) };
  const rows: Record<string, Record<string, string | number>> = {};
  for (const { name, path } of pagesOfAccounts()) {
    const short: Timed[] = [];
    const long: Timed[] = [];
    for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
      const ofShort = await firstByte(path(SHORT), cookies[SHORT]);
      const ofLong = await firstByte(path(LONG), cookies[LONG]);
      if (round < 0) continue;
      short.push(ofShort);
      long.push(ofLong);
    }
    const [a, b] = [median(short), median(long)];
    rows[name] = {
      [`${values.baseline}: ms`]: Number(a.toFixed(1)),
      [`${values.entries}: ms`]: Number(b.toFixed(1)),
      ratio: (b / a).toFixed(2),
      costs: long.at(-1)?.costs ?? "",
    };
  }
  console.log(`${rounds} rounds in turns, medians of the time to the first byte`);
  console.table(rows);
}

/** As the page tests list them, with what both accounts have; a single person or budget says nothing of the history. */
function pagesOfAccounts() {
  const shown = PAGES.filter(({ path }) => path.startsWith(`/accounts/${DEMO_ACCOUNT}`));
  return shown.flatMap(({ name, route, path }) => {
    const example = EXAMPLES[name];
    if (example === undefined && /:(?!account)/.test(route)) return [];
    const below = example ?? path.slice(`/accounts/${DEMO_ACCOUNT}`.length);
    return [{ name, path: (account: string) => `/accounts/${account}${below}` }];
  });
}

async function signIn(drawdown: Drawdown, account: string): Promise<string> {
  const { url } = await drawdown.createPortalSession(account, "ada");
  const answer = await fetch(url, { redirect: "manual" });
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

/** A page is made whole before it is sent, so the first byte comes when all is read. */
async function firstByte(path: string, cookie: string): Promise<Timed> {
  const sentMs = performance.now();
  const answer = await fetch(server.url + path, { headers: { cookie } });
  const ms = performance.now() - sentMs;
  const bytes = (await answer.arrayBuffer()).byteLength;
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return {
    ms,
    bytes,
    costs: (answer.headers.get("server-timing") ?? "").replaceAll(/;desc=|"/g, " ").trim(),
  };
}

function median(timed: readonly Timed[]): number {
  const sorted = timed.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
