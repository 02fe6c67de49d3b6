/**
 * One server per state: two runtimes on one state would both grant the same credits.
 *
 * The lock is the kernel's, taken through SQLite on an empty database file: it is atomic, and it ends with the process
 * however that ends, so there is never a stale one to take over. The record beside it is only for people.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { StartRefusal } from "./refusal.ts";
import type { StateFolder } from "./state-folder.ts";

export interface ServerRecord {
  readonly processId: number;
  /** Absent until the server answers requests. */
  readonly url?: string;
}

export interface StateLock {
  /** Tells others where the state is served. */
  recordUrl(url: string): void;
  release(): void;
}

const SQLITE_BUSY = 5;
const RECORD_READ_ATTEMPTS = 20;
const RECORD_READ_PAUSE_MS = 50;

/** @throws {StartRefusal} when another server holds the state, naming it and the way out. */
export async function lockState(state: StateFolder): Promise<StateLock> {
  const database = new DatabaseSync(state.lockFile);
  try {
    // No journal beside the file: nothing is ever written to it.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new StartRefusal(describeHolder(state, await readHolder(state)));
  }
  const record = (url?: string) => {
    const server: ServerRecord = { processId: process.pid, ...(url === undefined ? {} : { url }) };
    writeFileSync(state.serverFile, `${JSON.stringify(server)}\n`);
  };
  record();
  return {
    recordUrl: record,
    release() {
      if (!database.isOpen) return;
      rmSync(state.serverFile, { force: true });
      database.close();
    },
  };
}

function describeHolder(state: StateFolder, holder: ServerRecord | undefined): string {
  const server = holder === undefined ? "another server" : `the server with process id ${holder.processId}`;
  const where = holder?.url === undefined ? "" : ` at ${holder.url}`;
  const stop = holder === undefined ? "Stop that server" : `Stop it (kill ${holder.processId})`;
  return (
    `The state in ${state.path} is in use by ${server}${where}.\n` +
    `${stop}, or start this one on another state: npm start -- --state FOLDER`
  );
}

/** The holder writes its record just after it got the lock, so a missing or dead one is about to be replaced. */
async function readHolder(state: StateFolder): Promise<ServerRecord | undefined> {
  for (let attempt = 0; attempt < RECORD_READ_ATTEMPTS; attempt++) {
    const record = readRecord(state.serverFile);
    if (record !== undefined && isAlive(record.processId)) return record;
    await sleep(RECORD_READ_PAUSE_MS);
  }
  return undefined;
}

function readRecord(serverFile: string): ServerRecord | undefined {
  try {
    return JSON.parse(readFileSync(serverFile, "utf8")) as ServerRecord;
  } catch {
    return undefined;
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
