/** Once for all page tests: the real Worker with the demo operator, and a browser program that starts. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { type BrowserProgram, findBrowser } from "./chromium.ts";

interface Served {
  readonly url: string;
  /** Keys with all scopes. */
  readonly keys: { readonly live: string; readonly test: string };
  readonly signingSecret: string;
}

export interface World extends Served {
  readonly program: BrowserProgram;
}

declare module "vitest" {
  interface ProvidedContext {
    world: World;
  }
}

const SERVE = fileURLToPath(new URL("serve.ts", import.meta.url));

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stateFolder = mkdtempSync(join(tmpdir(), "drawdown-pages-"));
  // A process of its own, because what it imports asks Node itself where wrangler is.
  const server = spawn(process.execPath, [SERVE, stateFolder], { stdio: ["ignore", "pipe", "inherit"] });
  const [served, program] = await Promise.all([firstLine(server), findBrowser()]);
  project.provide("world", { ...served, program });
  return async () => {
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
    rmSync(stateFolder, { recursive: true, force: true, maxRetries: 5 });
  };
}

async function firstLine(server: ChildProcess): Promise<Served> {
  if (server.stdout === null) throw new Error("the server has no output");
  for await (const line of createInterface({ input: server.stdout })) {
    if (line.startsWith("{")) return JSON.parse(line);
  }
  throw new Error("the server for page tests ended before it was ready");
}
