/**
 * The local runtime under a stand-in Worker: never two of them on one state, and nothing durable lost when one is
 * killed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { isRuntimeOf, listProcesses } from "../../scripts/local/runtime-processes.ts";
import { type LocalServer, startServer } from "../../scripts/local/server.ts";
import { openStateFolder } from "../../scripts/local/state-folder.ts";

const CONFIG = fileURLToPath(new URL("./local-runtime/wrangler.toml", import.meta.url));
const SERVE = fileURLToPath(new URL("./local-runtime/serve.ts", import.meta.url));
const TEST_TIMEOUT_MS = 40_000;
const WAIT_MAX_MS = 10_000;

interface Answer {
  readonly entries: readonly string[];
  readonly logged: Readonly<Record<string, number>>;
  readonly secret: string;
  readonly textModule: string;
}

/** A server in a process of its own. */
class ServedProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output = "";

  constructor(stateFolder: string) {
    this.child = spawn(process.execPath, [SERVE, stateFolder], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    this.ended = once(this.child, "exit").then(([code]: unknown[]) =>
      typeof code === "number" ? code : null,
    );
    started.push(this);
  }

  get url(): string | undefined {
    return /^ready (.*)$/m.exec(this.output)?.[1];
  }

  /** Resolves with the server's address, or undefined when it ended instead. */
  async outcome(): Promise<string | undefined> {
    let hasEnded = false;
    void this.ended.then(() => {
      hasEnded = true;
    });
    await until(() => this.url !== undefined || hasEnded);
    return this.url;
  }

  async ready(): Promise<string> {
    const url = await this.outcome();
    if (url === undefined) throw new Error(`the server did not start: ${this.output}`);
    return url;
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return await this.ended;
  }
}

const started: ServedProcess[] = [];
const folders: string[] = [];

afterAll(async () => {
  await Promise.all(started.map((served) => served.kill("SIGKILL")));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "drawdown-runtime-"));
  folders.push(folder);
  return folder;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WAIT_MAX_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`still not so after ${WAIT_MAX_MS} ms: ${condition}`);
    await sleep(20);
  }
}

async function get(url: string, path: string): Promise<Answer> {
  const response = await fetch(url + path);
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
}

async function runtimesOf(stateFolder: string): Promise<readonly number[]> {
  const state = openStateFolder(stateFolder);
  return (await listProcesses()).filter((running) => isRuntimeOf(running, state)).map(({ id }) => id);
}

/** Leaves the runtime without the watcher that would end it together with its server. */
async function cutLifeline(stateFolder: string): Promise<void> {
  const [runtime] = await runtimesOf(stateFolder);
  const lifeline = (await listProcesses()).find(({ command }) =>
    command.includes(`drawdown-lifeline ${runtime} `),
  );
  if (lifeline === undefined) throw new Error("the runtime has no lifeline");
  process.kill(lifeline.id, "SIGKILL");
}

async function serveHere(stateFolder: string, lines: string[] = []): Promise<LocalServer> {
  const log = (line: string) => {
    lines.push(line);
  };
  const server = await startServer({ stateFolder, configPath: CONFIG, cron: false, log });
  onTestFinished(() => server.close());
  return server;
}

describe("a state whose servers are killed", { timeout: TEST_TIMEOUT_MS }, () => {
  const stateFolder = newFolder();
  let serving: ServedProcess;
  let secret: string;

  test("of two servers started at once on a new state exactly one gets it, and the other names it", async () => {
    const contenders = [new ServedProcess(stateFolder), new ServedProcess(stateFolder)];
    const urls = await Promise.all(contenders.map((contender) => contender.outcome()));
    const [winner, ...others] = contenders.filter((_, index) => urls[index] !== undefined);
    const loser = contenders.find((_, index) => urls[index] === undefined);
    if (winner === undefined || loser === undefined) throw new Error(`not one winner: ${urls}`);
    expect(others).toEqual([]);
    expect(loser.output).toContain(`process id ${winner.child.pid}`);
    expect(loser.output).toContain("--state");
    expect(await runtimesOf(stateFolder)).toHaveLength(1);
    serving = winner;
    secret = (await get(await winner.ready(), "/put?id=first")).secret;
  });

  test("a reset is refused while a server holds the state, and nothing of it is lost", async () => {
    const attempt = startServer({ stateFolder, configPath: CONFIG, reset: true });
    await expect(attempt).rejects.toThrow(`process id ${serving.child.pid}`);
    expect((await get(await serving.ready(), "/")).entries).toEqual(["first"]);
  });

  test("a killed server takes its runtime along", async () => {
    const url = await serving.ready();
    await get(url, "/put?id=second");
    await get(url, "/log?detail=before");
    await get(url, "/wake?delayMs=1500");
    await serving.kill("SIGKILL");
    await until(async () => (await runtimesOf(stateFolder)).length === 0);
    await expect(fetch(url)).rejects.toThrow();
  });

  test("the next start has all that was answered, the alarm and the key secret", async () => {
    serving = new ServedProcess(stateFolder);
    const url = await serving.ready();
    const answer = await get(url, "/put?id=third");
    expect(answer.entries).toEqual(expect.arrayContaining(["first", "second", "third"]));
    expect(answer.logged).toEqual({ http: 1 });
    expect(answer.secret).toBe(secret);
    await until(async () => (await get(url, "/")).entries.includes("alarm"));
  });

  test("a runtime that outlived its server is ended before the next one serves", async () => {
    const url = await serving.ready();
    const [orphan] = await runtimesOf(stateFolder);
    await cutLifeline(stateFolder);
    await serving.kill("SIGKILL");
    expect((await get(url, "/put?id=by-orphan")).entries).toContain("by-orphan");
    serving = new ServedProcess(stateFolder);
    expect((await get(await serving.ready(), "/")).entries).toContain("by-orphan");
    expect(serving.output).toContain(`${orphan}`);
    const runtimes = await runtimesOf(stateFolder);
    expect(runtimes).toHaveLength(1);
    expect(runtimes).not.toContain(orphan);
  });

  test("a runtime that crashes comes back at the same address", async () => {
    const url = await serving.ready();
    const [runtime = 0] = await runtimesOf(stateFolder);
    process.kill(runtime, "SIGKILL");
    await until(async () => (await runtimesOf(stateFolder)).some((id) => id !== runtime));
    await until(() =>
      get(url, "/").then(
        ({ entries }) => entries.includes("first"),
        () => false,
      ),
    );
  });

  test("a server that is asked to end leaves nothing behind", async () => {
    expect(await serving.kill("SIGTERM")).toBe(0);
    expect(await runtimesOf(stateFolder)).toEqual([]);
    expect(readdirSync(stateFolder)).not.toContain("server.json");
  });
});

describe("a state of one's own", { timeout: TEST_TIMEOUT_MS }, () => {
  test("is given up on close, kept by the next start, and forgotten by a reset", async () => {
    const stateFolder = newFolder();
    const first = await serveHere(stateFolder);
    const { secret } = await get(first.url, "/put?id=kept");
    expect(first.signingSecret).toBe(secret);
    expect(statSync(first.state.secretFile).mode & 0o077).toBe(0);
    await expect(serveHere(stateFolder)).rejects.toThrow(`process id ${process.pid}`);
    await first.close();

    const fresh = await startServer({
      stateFolder,
      configPath: CONFIG,
      cron: false,
      reset: true,
      log: () => {},
    });
    onTestFinished(() => fresh.close());
    const answer = await get(fresh.url, "/");
    expect(answer.entries).toEqual([]);
    expect(answer.secret).not.toBe(secret);
  });

  test("has cron, queues, text modules, and e-mails that can be read after the server has ended", async () => {
    const lines: string[] = [];
    const server = await serveHere(newFolder(), lines);
    await server.runScheduled();
    await get(server.url, "/send");
    expect((await get(server.url, "/email")).textModule).toBe("string");
    await until(async () => (await get(server.url, "/")).logged.queue === 1);
    expect((await get(server.url, "/")).logged).toEqual({ cron: 1, queue: 1 });
    await until(() => lines.some((line) => line.includes("75 % used")));
    await server.close();

    const emails = readdirSync(server.state.emailFolder).sort();
    expect(emails.map((name) => name.replace(/.*\./, ""))).toEqual(["html", "txt"]);
    const text = readFileSync(join(server.state.emailFolder, emails[1] ?? ""), "utf8");
    expect(text).toMatch(/To: admin@acme\.example\nSubject: 75 % used\n\nas text$/);
    expect(lines.join("\n")).toContain(emails[1]);
  });

  test("is not made of a folder with other files", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "thesis.txt"), "years of work");
    await expect(startServer({ stateFolder: folder, configPath: CONFIG, reset: true })).rejects.toThrow(
      "--state",
    );
    expect(readdirSync(folder)).toEqual(["thesis.txt"]);
  });

  test("is let go when the port is taken by another program", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => {
      other.close();
    });
    await once(other, "listening");
    const address = other.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const stateFolder = newFolder();
    const start = () => startServer({ stateFolder, configPath: CONFIG, port, log: () => {} });
    await expect(start()).rejects.toThrow(`Port ${port} is in use`);
    await expect(start()).rejects.toThrow(`Port ${port} is in use`);
    expect(await runtimesOf(stateFolder)).toEqual([]);
  });
});
