/** `npm run replay`: the same events however often it is started and whatever is killed, and a proof that can fail. */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Drawdown } from "../../shared/client/client.ts";
import { temporaryFolder } from "./support/folders.ts";
import { makeOperator } from "./support/operator.ts";
import { ServerProcess } from "./support/process.ts";
import { runReplay } from "./support/replay.ts";
import type { TestServer } from "./support/server.ts";

const ACCOUNTS = 5;
const LINES = 600;
/** The trace takes a minute, so a first run at this speed 3 seconds. */
const TRACE_MS = 60_000;
const SPEED = "20";

const folder = temporaryFolder();
const file = join(folder, "two services.csv");
let serving: ServerProcess;
let server: TestServer;

beforeAll(async () => {
  writeFileSync(file, makeTrace());
  serving = new ServerProcess(join(folder, "state"), 0);
  server = await serving.ready();
  await makeOperator(server.live);
});

afterAll(() => serving.kill());

/** Kills the server in the middle of whatever it does, and starts it again. */
async function killAndRestart(): Promise<void> {
  await serving.kill();
  serving = new ServerProcess(join(folder, "state"), Number(new URL(server.url).port));
  await serving.ready();
}

const promptTokens = (line: number) => (line * 7919) % 4001;
const answerTokens = (line: number) => (line * 104_729) % 997;

/** With what CSV files have: quotes, blank lines, a column of no interest, times with too many digits. */
function makeTrace(): string {
  const lines = Array.from({ length: LINES }, (_, line) => {
    const at = new Date(Date.parse("2023-11-16T18:15:46Z") + (line * TRACE_MS) / LINES);
    const time = at.toISOString().replace("T", " ").replace("Z", "1234");
    return `"${time}",${promptTokens(line)},"chat, ""large""",${answerTokens(line)}`;
  });
  return `When,Prompt,Model,Answer\r\n${lines.join("\r\n")}\r\n\r\n`;
}

/** Worked out by itself, in micro-credits: 1 credit per 1,000 prompt tokens, 4 per 1,000 answer tokens. */
function expectedMicros(): number {
  let micros = 0;
  for (let line = 0; line < LINES; line += 1) micros += promptTokens(line) * 1000 + answerTokens(line) * 4000;
  return micros;
}

const CREDITS = (expectedMicros() / 1_000_000).toLocaleString("en", { maximumFractionDigits: 6 });

function replay(...args: readonly string[]) {
  const columns = ["--map", "Prompt=input_tokens", "--map", "Answer=output_tokens", "--time-column", "When"];
  const where = ["--url", server.url, "--state", join(folder, "replays"), "--accounts", String(ACCOUNTS)];
  return runReplay([file, ...columns, ...where, ...args], { DRAWDOWN_KEY: server.keys.live });
}

function accountNames(prefix: string, count: number): readonly string[] {
  const digits = String(count).length;
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(digits, "0")}`);
}

async function usedMicros(drawdown: Drawdown, accounts: readonly string[]): Promise<number> {
  const balances = await Promise.all(accounts.map((account) => drawdown.balance(account)));
  return balances.reduce((sum, { used }) => sum + Math.round(used * 1_000_000), 0);
}

describe("a replay", () => {
  test("whose server is killed in the middle waits for it, finishes, and finds all figures in agreement", async () => {
    const running = replay("--speed", SPEED);
    const used = () => usedMicros(server.live, accountNames("two-services", ACCOUNTS)).catch(() => 0);
    await expect.poll(used, { timeout: 20_000 }).toBeGreaterThan(expectedMicros() / 3);
    await killAndRestart();
    const { exitCode, output, table } = await running;

    expect(output).toContain("two-services-1 to two-services-5");
    expect(table).toMatchObject({
      events: String(LINES),
      denied: "0",
      credits: CREDITS,
      "own sum at the published rates": CREDITS,
      log: CREDITS,
      balances: CREDITS,
      "D1 segments": CREDITS,
      "D1 roll-ups": CREDITS,
      "accounts that agree": "5 of 5",
    });
    expect(Number(table.allowed) + Number(table.replayed)).toBe(LINES);
    expect(exitCode).toBe(0);
    expect(await usedMicros(server.live, accountNames("two-services", ACCOUNTS))).toBe(expectedMicros());
  });

  test("that is started again, in other batches, books nothing new", async () => {
    const { exitCode, table } = await replay("--batch", "100", "--mode", "record");
    expect(table).toMatchObject({
      events: String(LINES),
      allowed: "0",
      replayed: String(LINES),
      credits: CREDITS,
      balances: CREDITS,
      "accounts that agree": "5 of 5",
    });
    expect(exitCode).toBe(0);
    expect(await usedMicros(server.live, accountNames("two-services", ACCOUNTS))).toBe(expectedMicros());
  });

  test("that is fresh books the same once more, beside what was there", async () => {
    const { exitCode, table } = await replay("--fresh", "--batch", "50");
    const twice = ((2 * expectedMicros()) / 1_000_000).toLocaleString("en", { maximumFractionDigits: 6 });
    expect(table).toMatchObject({
      allowed: String(LINES),
      "own sum at the published rates": CREDITS,
      log: CREDITS,
      "log with other usage": twice,
      balances: twice,
      "accounts that agree": "5 of 5",
    });
    expect(exitCode).toBe(0);
  });

  test("of which some is denied says so, and proves the rest", async () => {
    const accounts = accountNames("small", ACCOUNTS);
    await Promise.all(
      accounts.map((account) => server.live.createAccount({ account, plans: ["plan-500"], name: "Small" })),
    );
    await Promise.all(accounts.map((account) => server.live.consume(fill(account, 400))));
    const { exitCode, table } = await replay("--account-prefix", "small");
    expect(Number(table.denied)).toBeGreaterThan(0);
    expect(Number(table.allowed) + Number(table.denied)).toBe(LINES);
    expect(table).toMatchObject({ replayed: "0", log: table.credits, "accounts that agree": "5 of 5" });
    expect(exitCode).toBe(0);
    for (const account of accounts)
      expect((await server.live.balance(account)).used).toBeLessThanOrEqual(500);
  });

  test("whose log lacks an entry fails, and names the account", async () => {
    const proxy = await startProxy(server.url, (path, text) =>
      path.startsWith("/v1/accounts/two-services-3/log") ? text.slice(text.indexOf("\n") + 1) : text,
    );
    const { exitCode, output, table } = await replay("--url", proxy, "--account-prefix", "two-services");
    expect(table["accounts that agree"]).toBe("4 of 5");
    expect(output).toContain("two-services-3: the log lacks 1 booked events");
    expect(output).not.toContain("two-services-2:");
    expect(exitCode).toBe(1);
  });

  test("that cannot be done says why, and sends nothing", async () => {
    const refused = async (expected: string, ...args: readonly string[]) => {
      const { exitCode, output } = await replay(...args);
      expect(output).toContain(expected);
      expect(exitCode).toBe(2);
    };
    await refused("--feature telepathy: the rate sheet in force has meter", "--feature", "telepathy");
    await refused("feature assistant has input_tokens, output_tokens", "--map", "Prompt=thoughts");
    await refused("no column Question, it has When, Prompt, Model, Answer", "--map", "Question=input_tokens");
    await refused('line 1, Model: "chat, "large"" is not a quantity', "--map", "Model=input_tokens");
    await refused('line 1, Model: "chat, "large"" is not a time', "--time-column", "Model");
    await refused("--accounts 0", "--accounts", "0");
  });

  test("whose server stays away gives up when patience ends, and says that it can be gone on with", async () => {
    const nobody = await freePort();
    const { exitCode, output } = await replay("--url", nobody, "--patience", "1");
    expect(output).toContain(nobody);
    expect(output).toContain("Run the same command again");
    expect(exitCode).toBe(1);
  });
});

function fill(account: string, credits: number) {
  return { account, id: "fill", feature: "meter", action: "unit", quantity: credits };
}

/** Passes requests on to the server, and its answers back as `change` makes them. */
async function startProxy(target: string, change: (path: string, text: string) => string): Promise<string> {
  const proxy = createServer(async (incoming, answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const path = incoming.url ?? "/";
    const headers = new Headers();
    for (const name of ["authorization", "content-type", "accept", "idempotency-key"]) {
      const value = incoming.headers[name];
      if (typeof value === "string") headers.set(name, value);
    }
    const response = await fetch(target + path, {
      method: incoming.method ?? "GET",
      headers,
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
    });
    answer.writeHead(response.status, { "content-type": response.headers.get("content-type") ?? "" });
    answer.end(change(path, await response.text()));
  });
  onTestFinished(() => {
    proxy.close();
  });
  return listen(proxy);
}

function listen(listening: Server): Promise<string> {
  return new Promise((resolve) => {
    listening.listen(0, "127.0.0.1", () => {
      const address = listening.address();
      resolve(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
    });
  });
}

/** Where nobody listens any more. */
async function freePort(): Promise<string> {
  const listening = createServer();
  const url = await listen(listening);
  await new Promise((resolve) => listening.close(resolve));
  return url;
}

/** Path of azure-llm-inference-2023-conv.csv of the Azure Public Dataset; the project does not contain it. */
const TRACE = process.env.DRAWDOWN_TRACE;
const TRACE_TIMEOUT_MS = 600_000;

if (TRACE !== undefined) {
  test(
    "the trace named by DRAWDOWN_TRACE is 19,366 events and 38,716.53 credits: killed in the middle, again, and in what the next close bills",
    async () => {
      const accounts = accountNames("azure", 50);
      const now = new Date();
      await server.test.createTestClock("azure", now.toISOString());
      for (const account of accounts) {
        await server.test.createAccount({ account, name: "Azure", testClock: "azure" });
        const pack = { pack: "pack-100", quantity: 1, overageSetting: "pay_as_you_go" } as const;
        await server.test.buyPack(account, pack);
      }
      const state = join(folder, "trace");
      mkdirSync(state);
      const args = [TRACE, "--url", server.url, "--account-prefix", "azure", "--state", state];
      const run = () => runReplay(args, { DRAWDOWN_KEY: server.keys.test });

      const running = run();
      const used = () => usedMicros(server.test, accounts).catch(() => 0);
      await expect.poll(used, { timeout: TRACE_TIMEOUT_MS, interval: 200 }).toBeGreaterThan(15_000_000_000);
      await killAndRestart();
      const agreed = {
        events: "19,366",
        denied: "0",
        credits: "38,716.53",
        "own sum at the published rates": "38,716.53",
        log: "38,716.53",
        balances: "38,716.53",
        "D1 segments": "38,716.53",
        "D1 roll-ups": "38,716.53",
        "accounts that agree": "50 of 50",
      };
      expect(await running).toMatchObject({ exitCode: 0, table: agreed });
      expect(await run()).toMatchObject({
        exitCode: 0,
        table: { ...agreed, allowed: "0", replayed: "19,366" },
      });

      const { resetAt } = await server.test.balance(accounts[0] ?? "");
      await server.test.advanceTestClock("azure", resetAt);
      const closed = await Promise.all(accounts.map((account) => server.test.periods(account)));
      const sum = (of: (period: (typeof closed)[number]["data"][number]) => number) =>
        closed.flatMap(({ data }) => data).reduce((total, period) => total + Math.round(of(period) * 1e6), 0);
      expect(sum(({ used }) => used)).toBe(38_716_530_000);
      expect(sum(({ overage }) => overage)).toBe(38_716_530_000 - 50 * 100_000_000);
      const invoices = await Promise.all(accounts.map((account) => server.test.invoices(account)));
      const overage = invoices.flatMap(({ data }) => data).filter(({ kind }) => kind === "overage");
      const billed = overage.map(({ lines }) => lines[0]?.quantity ?? 0);
      expect(billed).toEqual(closed.flatMap(({ data }) => data).map((period) => period.billed));
    },
    TRACE_TIMEOUT_MS,
  );
}
