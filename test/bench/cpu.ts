/** CPU time of the runtime, from Linux's /proc; elsewhere it is not known. */
import { readFileSync } from "node:fs";
import { isRuntimeOf, listProcesses } from "../../scripts/local/runtime-processes.ts";
import type { StateFolder } from "../../scripts/local/state-folder.ts";

const CLOCK_TICKS_PER_SECOND = 100;
const MICROS_PER_TICK = 1_000_000 / CLOCK_TICKS_PER_SECOND;
/** Positions after the command name, which is in parentheses and may hold spaces. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** A reading of the CPU time used so far, in microseconds; null where the system does not tell. */
export async function runtimeClock(state: StateFolder): Promise<() => number | null> {
  const running = (await listProcesses()).find((candidate) => isRuntimeOf(candidate, state));
  if (running === undefined || process.platform !== "linux") return () => null;
  return () => {
    const fields = readFileSync(`/proc/${running.id}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) * MICROS_PER_TICK;
  };
}
