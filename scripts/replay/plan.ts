/**
 * Which events a replay consists of. Their ids and times hang only on the file, on how it is read and dealt out, and on
 * a base time that is kept, so that the same replay is the same events whenever it is started: they end when it was
 * started first, since the times of a trace are older than Drawdown takes.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import type { Event } from "../../shared/client/client.ts";
import { formatMicros } from "../../shared/credits/amounts.ts";
import { OCCURRED_PAST_MAX_MS } from "../../shared/credits/entries.ts";
import { type ReplayOptions, ReplayRefusal } from "./options.ts";
import type { Trace, TraceLine } from "./trace.ts";

/** What a replay that is started at the last moment may need until its first event is decided. */
const MARGIN_MS = 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
const ID_DIGITS = 10;
const PREFIX_LENGTH_MAX = 50;

export interface PlannedEvent {
  readonly event: Event;
  readonly line: TraceLine;
}

export interface Plan {
  readonly accounts: readonly string[];
  readonly events: readonly PlannedEvent[];
  /** What the ids of its events begin with. */
  readonly idPrefix: string;
  /** It was started before. */
  readonly isRepeated: boolean;
}

type PlanOptions = Pick<
  ReplayOptions,
  "file" | "feature" | "map" | "timeColumn" | "accounts" | "accountPrefix" | "fresh"
>;

export function planReplay(
  trace: Trace,
  options: PlanOptions,
  server: string,
  stateFolder: string,
  nowMs: number,
): Plan {
  const { file, feature, map, timeColumn, accounts: count } = options;
  const prefix = options.accountPrefix ?? prefixFrom(file);
  const digits = String(count).length;
  const accounts = Array.from({ length: count }, (_, index) => {
    return `${prefix}-${String(index + 1).padStart(digits, "0")}`;
  });
  const identity = [trace.digest, feature, map, timeColumn, prefix, count];
  const name = `${prefix}-${digest([server, ...identity])}`;
  const base = keepBase(join(stateFolder, `${name}.json`), { server, file }, trace, options.fresh, nowMs);
  const idPrefix = `replay_${digest([...identity, base.atMs])}_`;
  const events = trace.lines.map((line) => ({
    line,
    event: {
      account: accounts[(line.number - 1) % count] ?? prefix,
      id: `${idPrefix}${line.number}`,
      feature,
      items: map.map(({ action }, index) => ({
        action,
        quantity: formatMicros(line.quantitiesMicros[index] ?? 0),
      })),
      occurredAt: new Date(base.atMs + line.offsetMs).toISOString(),
    },
  }));
  return { accounts, events, idPrefix, isRepeated: base.isKept };
}

/** Letters, digits and what an account's name may hold besides. */
function prefixFrom(file: string): string {
  const words = basename(file, extname(file)).replaceAll(/[^A-Za-z0-9_.-]+/g, "-");
  return words.replace(/^[^A-Za-z0-9]+/, "").slice(0, PREFIX_LENGTH_MAX) || "replay";
}

function digest(values: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, ID_DIGITS);
}

/** When the trace begins: so that it ends now, or as it was when it was started first. */
function keepBase(
  stateFile: string,
  about: { readonly server: string; readonly file: string },
  trace: Trace,
  fresh: boolean,
  nowMs: number,
): { readonly atMs: number; readonly isKept: boolean } {
  const oldestMs = nowMs - OCCURRED_PAST_MAX_MS + MARGIN_MS;
  if (fresh) rmSync(stateFile, { force: true });
  const keptMs = readBase(stateFile);
  if (keptMs !== null && keptMs < oldestMs) {
    throw new ReplayRefusal(
      `This replay began ${new Date(keptMs).toISOString()}, too long ago to send it again. --fresh books it once more.`,
    );
  }
  if (keptMs !== null) return { atMs: keptMs, isKept: true };
  const atMs = nowMs - trace.durationMs;
  if (atMs < oldestMs) {
    const days = Math.floor((OCCURRED_PAST_MAX_MS - MARGIN_MS) / DAY_MS);
    throw new ReplayRefusal(
      `The trace is longer than the ${days} days that an event may lie back. Split it.`,
    );
  }
  mkdirSync(join(stateFile, ".."), { recursive: true });
  writeFileSync(`${stateFile}.new`, `${JSON.stringify({ ...about, baseMs: atMs }, null, 2)}\n`);
  renameSync(`${stateFile}.new`, stateFile);
  return { atMs, isKept: false };
}

function readBase(stateFile: string): number | null {
  try {
    return (JSON.parse(readFileSync(stateFile, "utf8")) as { baseMs: number }).baseMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new ReplayRefusal(`${stateFile} cannot be read: ${error}. --fresh begins anew.`);
  }
}
