/** Sends the events, so many requests at once, as fast as it goes or in trace time, and counts what became of them. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Drawdown, DrawdownError, type EventResult } from "../../shared/client/client.ts";
import { forEachAtOnce } from "./at-once.ts";
import type { ReplayOptions } from "./options.ts";
import type { PlannedEvent } from "./plan.ts";
import { toMicros } from "./prices.ts";

const PROBLEMS_SHOWN = 5;
const RESEND_AFTER_MS = 500;
/** Refusals of one event; any other refusal would meet all of them. */
const EVENT_STATUSES: ReadonlySet<number> = new Set([409, 422]);

export interface Tally {
  /** Booked by this run. */
  allowed: number;
  /** Booked before; by an earlier run, or by this one when its answer was lost. */
  replayed: number;
  denied: number;
  refused: number;
  /** Of what was booked, now or before. */
  creditsMicros: bigint;
  /** Ids of the events that are booked. */
  readonly booked: Set<string>;
  /** Of refused events, the first few. */
  readonly problems: string[];
  /** Of each request, with its repetitions. */
  readonly latenciesMs: number[];
  seconds: number;
}

export function newTally(): Tally {
  return {
    allowed: 0,
    replayed: 0,
    denied: 0,
    refused: 0,
    creditsMicros: 0n,
    booked: new Set(),
    problems: [],
    latenciesMs: [],
    seconds: 0,
  };
}

export function decided({ allowed, replayed, denied, refused }: Tally): number {
  return allowed + replayed + denied + refused;
}

type SendOptions = Pick<ReplayOptions, "batch" | "concurrency" | "mode" | "patienceMs" | "speed">;

/** Fills the tally as it goes, so that it holds also when the server stays away and this throws. */
export async function sendEvents(
  drawdown: Drawdown,
  events: readonly PlannedEvent[],
  options: SendOptions,
  tally: Tally,
): Promise<void> {
  const startedMs = performance.now();
  try {
    await forEachAtOnce(batches(events, options.batch), options.concurrency, async (batch) => {
      await waitUntilDue(batch, options.speed, startedMs);
      const sentMs = performance.now();
      const results = await sendBatch(drawdown, batch, options);
      tally.latenciesMs.push(performance.now() - sentMs);
      for (const [index, result] of results.entries()) count(tally, batch[index], result);
    });
  } finally {
    tally.seconds = (performance.now() - startedMs) / 1000;
  }
}

function batches<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => {
    return items.slice(index * size, (index + 1) * size);
  });
}

/** A batch is due when its last event has happened. */
async function waitUntilDue(
  batch: readonly PlannedEvent[],
  speed: number | null,
  startedMs: number,
): Promise<void> {
  const last = batch.at(-1);
  if (speed === null || last === undefined) return;
  const waitMs = startedMs + last.line.offsetMs / speed - performance.now();
  if (waitMs > 0) await sleep(waitMs);
}

async function sendBatch(
  drawdown: Drawdown,
  batch: readonly PlannedEvent[],
  { batch: size, mode, patienceMs }: SendOptions,
): Promise<readonly EventResult[]> {
  const [first] = batch;
  if (size === 1 && mode === "consume" && first !== undefined) return [await consume(drawdown, first)];
  const results = [...(await drawdown.events(batch.map(eventOf), mode))];
  const giveUpAtMs = Date.now() + patienceMs;
  for (let failed = failures(results); failed.length > 0; failed = failures(results)) {
    if (Date.now() > giveUpAtMs) throw new Error("the server keeps failing at some events of a batch");
    await sleep(RESEND_AFTER_MS);
    const again = batch.filter((_, index) => failed.includes(index));
    const answers = await drawdown.events(again.map(eventOf), mode);
    for (const [index, answer] of answers.entries()) results[failed[index] ?? 0] = answer;
  }
  return results;
}

function eventOf({ event }: PlannedEvent) {
  return event;
}

async function consume(drawdown: Drawdown, { event }: PlannedEvent): Promise<EventResult> {
  try {
    return await drawdown.consume(event);
  } catch (error) {
    if (error instanceof DrawdownError && EVENT_STATUSES.has(error.problem.status)) {
      return { id: event.id, problem: error.problem };
    }
    throw error;
  }
}

/** Which events of a batch the server failed at: they are sent again, like a request that it failed at. */
function failures(results: readonly EventResult[]): readonly number[] {
  return results.flatMap((result, index) =>
    "problem" in result && result.problem.status >= 500 ? [index] : [],
  );
}

function count(tally: Tally, planned: PlannedEvent | undefined, result: EventResult): void {
  if (planned === undefined) throw new Error("the server answered for an event that was not sent");
  if ("problem" in result) {
    tally.refused += 1;
    if (tally.problems.length < PROBLEMS_SHOWN) {
      tally.problems.push(`line ${planned.line.number}: ${result.problem.code}: ${result.problem.detail}`);
    }
  } else if (result.allowed) {
    if (result.replayed) tally.replayed += 1;
    else tally.allowed += 1;
    tally.creditsMicros += toMicros(result.credits);
    tally.booked.add(planned.event.id);
  } else {
    tally.denied += 1;
  }
}
