/**
 * The state folder of a local Drawdown: everything that outlives the process is in it.
 *
 * Only entries named here are ever written or wiped, so that `--reset --state FOLDER` cannot take a stranger's files.
 */
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartRefusal } from "./refusal.ts";

export interface StateFolder {
  /** Absolute, without symbolic links: it identifies the state in the process list. */
  readonly path: string;
  /** Held locked while a server runs; never removed, marks the folder as Drawdown's. See lock.ts. */
  readonly lockFile: string;
  /** Who holds the lock, for people and for the next server's message. */
  readonly serverFile: string;
  /** The name under which workerd runs on this state. See runtime-processes.ts. */
  readonly workerdFile: string;
  /** What wrangler and Miniflare keep on disk; `wrangler --persist-to` takes this folder. */
  readonly dataFolder: string;
  /** E-mails that the Worker sent. */
  readonly emailFolder: string;
  /** The bundled Worker, made anew by each start. */
  readonly buildFolder: string;
  /** Miniflare's own temporary files. */
  readonly temporaryFolder: string;
  readonly secretFile: string;
  /** Present once the demo operator has been seeded. */
  readonly seededFile: string;
}

const OWNER_ONLY_FOLDER = 0o700;

/** Creates the folder if need be. Refuses one that holds files but was not made by Drawdown. */
export function openStateFolder(folder: string): StateFolder {
  mkdirSync(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
  const path = realpathSync(folder);
  const state: StateFolder = {
    path,
    lockFile: join(path, "drawdown.lock"),
    serverFile: join(path, "server.json"),
    workerdFile: join(path, "runtime", "workerd"),
    dataFolder: join(path, "data"),
    emailFolder: join(path, "email"),
    buildFolder: join(path, "build"),
    temporaryFolder: join(path, "temporary"),
    secretFile: join(path, "key-signing-secret"),
    seededFile: join(path, "seeded.json"),
  };
  if (readdirSync(path).length > 0 && !existsSync(state.lockFile)) {
    throw new StartRefusal(
      `${path} holds files that are not a state of Drawdown. Name an empty or a new folder with --state.`,
    );
  }
  createLockFile(state.lockFile);
  return state;
}

/**
 * An existing file is not even opened: closing any descriptor of it would drop the locks which this process holds on
 * it. It comes before all other entries, so that a second first start does not take the folder for a stranger's.
 */
function createLockFile(lockFile: string): void {
  if (existsSync(lockFile)) return;
  try {
    writeFileSync(lockFile, "", { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Forgets everything. The caller holds the lock, and no runtime is left on the state. */
export function wipeStateFolder(state: StateFolder): void {
  const entries = [
    state.dataFolder,
    state.emailFolder,
    state.buildFolder,
    state.temporaryFolder,
    state.secretFile,
    state.seededFile,
  ];
  for (const entry of entries) rmSync(entry, { recursive: true, force: true });
}
