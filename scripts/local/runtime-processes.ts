/**
 * Ends what a killed server left behind on a state.
 *
 * workerd is started under a name inside the state folder (see workerd.sh), so its command line says which state it
 * serves: no process id has to be kept, and a reused one cannot be mistaken for it.
 */

import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { StartRefusal } from "./refusal.ts";
import type { StateFolder } from "./state-folder.ts";

export const WORKERD_WRAPPER = fileURLToPath(new URL("./workerd.sh", import.meta.url));

export interface RunningProcess {
  readonly id: number;
  /** The program and its arguments, joined by spaces. Empty for a process that has ended but not been reaped. */
  readonly command: string;
}

const ATTEMPTS_MAX = 200;
const PAUSE_MS = 25;

/**
 * Returns the ids of the processes that were ended, once none is left. The caller holds the lock of the state, so a
 * runtime that still serves it has no server.
 *
 * @throws {StartRefusal} when one cannot be ended.
 */
export async function endOrphanedRuntimes(state: StateFolder): Promise<readonly number[]> {
  const ended = new Set<number>();
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const processes = await listProcesses();
    const orphans = processes.filter((running) => isRuntimeOf(running, state));
    // For some milliseconds after its start a runtime's command line does not tell its state yet.
    const isOneStarting = processes.some(({ command }) => command.includes(` ${WORKERD_WRAPPER} serve `));
    if (orphans.length === 0 && !isOneStarting) return [...ended];
    for (const { id } of orphans) {
      endProcess(id, state);
      ended.add(id);
    }
    await sleep(PAUSE_MS);
  }
  throw new StartRefusal(
    `A runtime that an earlier server left on ${state.path} does not end: ${[...ended]}.`,
  );
}

export function isRuntimeOf({ command }: RunningProcess, state: Pick<StateFolder, "workerdFile">): boolean {
  return command.startsWith(`${state.workerdFile} `);
}

function endProcess(id: number, state: StateFolder): void {
  try {
    process.kill(id, "SIGKILL");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ESRCH") return;
    throw new StartRefusal(
      `An earlier server left its runtime (process id ${id}) on ${state.path}, and it cannot be ended: ${code}.`,
    );
  }
}

/** Linux: from /proc, because small images have no `ps`. */
export async function listProcesses(): Promise<readonly RunningProcess[]> {
  if (process.platform === "linux") return listLinuxProcesses();
  const listing = await promisify(execFile)("ps", ["-axww", "-o", "pid=,command="], { maxBuffer: 64 << 20 });
  return listing.stdout.split("\n").map((line) => {
    const [, id = "", command = ""] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return { id: Number(id), command };
  });
}

function listLinuxProcesses(): readonly RunningProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ id: Number(name), command: readLinuxCommand(name) }));
}

function readLinuxCommand(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
