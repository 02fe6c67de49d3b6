/**
 * Serves Drawdown on this machine: the Worker in workerd as in production, with its Durable Objects, D1, queues, cron
 * and e-mail, on a state folder that survives restarts and crashes.
 *
 * Requests go to workerd's own socket, not through a development proxy, which would be 4 to 20 times slower.
 */
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { lockState, type StateLock } from "./lock.ts";
import { StartRefusal } from "./refusal.ts";
import { endOrphanedRuntimes } from "./runtime-processes.ts";
import type { Companion, ServedWorker } from "./served-worker.ts";
import type { WriteLine } from "./server-log.ts";
import { loadSigningSecret } from "./signing-secret.ts";
import { openStateFolder, type StateFolder, wipeStateFolder } from "./state-folder.ts";
import { buildWorker } from "./worker-upload.ts";

export interface ServerOptions {
  /** Made if it does not exist. */
  readonly stateFolder: string;
  /** 0 or left out: a free one. */
  readonly port?: number;
  /** Forget the state first. */
  readonly reset?: boolean;
  /** Do due cron work at each full minute; on unless false. `runScheduled` works either way. */
  readonly cron?: boolean;
  /** Left out: the project's wrangler.toml. */
  readonly configPath?: string;
  /** Left out: the console. */
  readonly log?: WriteLine;
  /** Workers to serve beside; none unless given. */
  readonly companions?: readonly Companion[];
}

export interface LocalServer {
  readonly url: string;
  /** Of the companions, by name. */
  readonly companionUrls: Readonly<Record<string, string>>;
  /** KEY_SIGNING_SECRET of this state. */
  readonly signingSecret: string;
  readonly state: StateFolder;
  /** Does now what cron does at each full minute. Throws if the Worker does. */
  runScheduled(): Promise<void>;
  /** Ends the runtime and lets go of the state. May be called twice. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const PROJECT_CONFIG = fileURLToPath(new URL("../../wrangler.toml", import.meta.url));

/** @throws {StartRefusal} when the state or the port is in use, the Worker does not build or a migration fails. */
export async function startServer(options: ServerOptions): Promise<LocalServer> {
  const { configPath = PROJECT_CONFIG, port = 0, reset = false, cron = true, log = console.log } = options;
  const state = openStateFolder(options.stateFolder);
  const lock = await lockState(state);
  let worker: ServedWorker | undefined;
  try {
    await clearState(state, log, port, reset);
    const signingSecret = loadSigningSecret(state);
    const building = buildWorker(configPath, state.buildFolder);
    // wrangler and Miniflare take a second to load; meanwhile the Worker is built. A failure counts when it is awaited.
    building.catch(() => undefined);
    const { serveWorker } = await import("./served-worker.ts");
    const { companions = [] } = options;
    const settings = { state, log, configPath, building, host: HOST, port, signingSecret, cron, companions };
    worker = await serveWorker(settings);
    lock.recordUrl(worker.url);
    const { url, companionUrls, runScheduled } = worker;
    const close = () => closeAndRelease(worker, lock);
    return { url, companionUrls, signingSecret, state, runScheduled, close };
  } catch (error) {
    await closeAndRelease(worker, lock);
    throw error;
  }
}

/** In this order: the state is free only when nobody serves it. */
async function closeAndRelease(worker: ServedWorker | undefined, lock: StateLock): Promise<void> {
  await worker?.close();
  lock.release();
}

/** Afterwards nobody else serves the state, and what a killed server could not clear away is gone. */
async function clearState(state: StateFolder, log: WriteLine, port: number, reset: boolean): Promise<void> {
  const orphans = await endOrphanedRuntimes(state);
  if (orphans.length > 0) log(`Ended the runtime that an earlier server left: ${orphans.join(", ")}`);
  await refuseBusyPort(port);
  if (reset) wipeStateFolder(state);
  rmSync(state.temporaryFolder, { recursive: true, force: true });
}

/** Asked early: the runtime itself would only find out after the Worker is built. */
async function refuseBusyPort(port: number): Promise<void> {
  const probe = createServer();
  try {
    await once(probe.listen(port, HOST), "listening");
  } catch {
    throw new StartRefusal(
      `Port ${port} is in use or not allowed. Choose another: npm start -- --port NUMBER`,
    );
  } finally {
    probe.close();
  }
}
