/**
 * `npm run bench`: what `consume` costs, next to an empty Worker and to a bare Worker that calls a bare object which
 * inserts one row. All are served by one runtime on one machine, through sockets of workerd itself, in turns, so
 * that the ratios mean something where absolute times do not.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startServer } from "../../scripts/local/server.ts";
import { mintKey, SCOPES } from "../../shared/api-keys.ts";
import { runtimeClock } from "./cpu.ts";
import { load, type Measured, type Target } from "./load.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "3" },
    callers: { type: "string", default: "64" },
  },
});
const durationMs = Number(values.seconds) * 1000;
const rounds = Number(values.rounds);
const callers = Number(values.callers);

const ACCOUNTS = 50;
const EMPTY = "empty Worker";
const BARE_ONE = "bare Worker, object, 1 insert: one object";
const BARE_MANY = `bare Worker, object, 1 insert: ${ACCOUNTS} objects`;
const WARM_UP_MS = 1_500;
/** No run repeats an id of another. */
const INDEXES_PER_RUN = 10_000_000;

const stateFolder = mkdtempSync(join(tmpdir(), "drawdown-bench-"));
const server = await startServer({
  stateFolder,
  cron: false,
  log: () => {},
  companions: [
    { name: "empty", script: readBaseline("empty-worker.js"), objects: {} },
    { name: "bare", script: readBaseline("bare-worker.js"), objects: { BARE: "Bare" } },
  ],
});
try {
  const key = await mintKey({ keyId: "key_bench", mode: "live", scopes: SCOPES }, server.signingSecret);
  await publish(key);
  report(await measureInTurns(targets(key)));
} finally {
  await server.close();
  rmSync(stateFolder, { recursive: true, force: true });
}

function readBaseline(file: string): string {
  return readFileSync(new URL(file, import.meta.url), "utf8");
}

async function call(key: string, method: string, path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}

/** Accounts whose limits never deny. */
async function publish(key: string): Promise<void> {
  const action = { action: "answer", name: "Answer", credits: 1 };
  await call(key, "PUT", "/v1/catalog", {
    plans: [{ plan: "all", name: "All", includedCredits: 1_000_000_000 }],
    packs: [],
    overageRates: [],
  });
  await call(key, "POST", "/v1/rate-sheets", {
    features: [{ feature: "assistant", name: "Assistant", category: "support", actions: [action] }],
  });
  const names = ["hot", ...Array.from({ length: ACCOUNTS }, (_, index) => `account-${index}`)];
  for (const account of names) await call(key, "POST", "/v1/accounts", { account, plans: ["all"] });
}

interface Case {
  readonly name: string;
  readonly target: Target;
}

function targets(key: string): readonly Case[] {
  const json = { "content-type": "application/json" };
  const authorized = { ...json, authorization: `Bearer ${key}` };
  const event = (index: number, account: string) =>
    JSON.stringify({
      account,
      id: `req-${index}`,
      feature: "assistant",
      action: "answer",
      quantity: 1,
      user: "u_12",
    });
  const url = `${server.url}/v1/consume`;
  return [
    { name: EMPTY, target: { url: server.companionUrls.empty ?? "", headers: {} } },
    {
      name: BARE_ONE,
      target: {
        url: `${server.companionUrls.bare}/hot`,
        headers: json,
        body: (index) => event(index, "hot"),
      },
    },
    {
      name: BARE_MANY,
      target: {
        url: (index) => `${server.companionUrls.bare}/${index % ACCOUNTS}`,
        headers: json,
        body: (index) => event(index, "many"),
      },
    },
    {
      name: `check: ${ACCOUNTS} accounts (decides, writes nothing)`,
      target: {
        url: `${server.url}/v1/check`,
        headers: authorized,
        body: (index) => event(index, `account-${index % ACCOUNTS}`),
      },
    },
    {
      name: "consume: one account",
      target: { url, headers: authorized, body: (index) => event(index, "hot") },
    },
    {
      name: `consume: ${ACCOUNTS} accounts`,
      target: { url, headers: authorized, body: (index) => event(index, `account-${index % ACCOUNTS}`) },
    },
  ];
}

type Result = Measured & { readonly cpuMicrosPerRequest: number | null };

async function measureInTurns(cases: readonly Case[]): Promise<Map<string, Result[]>> {
  const measured = new Map<string, Result[]>(cases.map(({ name }) => [name, []]));
  const clock = await runtimeClock(server.state);
  let index = 0;
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, target } of cases) {
      const before = clock();
      const result = await load(target, callers, round === 0 ? WARM_UP_MS : durationMs, index);
      const after = clock();
      index += INDEXES_PER_RUN;
      if (round === 0) continue;
      const cpuMicrosPerRequest =
        before === null || after === null ? null : (after - before) / result.requests;
      measured.get(name)?.push({ ...result, cpuMicrosPerRequest });
    }
  }
  return measured;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function report(measured: Map<string, Result[]>): void {
  const rows = [...measured].map(([name, results]) => ({
    name,
    requestsPerSecond: median(results.map((result) => result.requestsPerSecond)),
    p50Ms: median(results.map((result) => result.p50Ms)),
    p99Ms: median(results.map((result) => result.p99Ms)),
    cpuMicros: median(results.map((result) => result.cpuMicrosPerRequest ?? Number.NaN)),
  }));
  const perSecond = new Map(rows.map((row) => [row.name, row.requestsPerSecond]));
  console.log(`${callers} callers, ${rounds} rounds of ${durationMs / 1000} s in turns, medians\n`);
  console.table(
    Object.fromEntries(
      rows.map((row) => {
        const bare = perSecond.get(row.name.includes("one") ? BARE_ONE : BARE_MANY);
        return [
          row.name,
          {
            "requests/s": Math.round(row.requestsPerSecond),
            "p50 ms": Number(row.p50Ms.toFixed(2)),
            "p99 ms": Number(row.p99Ms.toFixed(2)),
            "CPU µs": Number.isNaN(row.cpuMicros) ? "" : Math.round(row.cpuMicros),
            "of empty": ratio(row.requestsPerSecond, perSecond.get(EMPTY)),
            "of bare": row.name === EMPTY ? "" : ratio(row.requestsPerSecond, bare),
          },
        ];
      }),
    ),
  );
}

function ratio(value: number, base: number | undefined): string {
  return base === undefined || base === 0 ? "" : (value / base).toFixed(2);
}
