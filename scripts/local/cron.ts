/** What Cron Triggers do in production: the local runtime does not fire them by itself. */
import type { Miniflare } from "miniflare";
import type { WorkerSettings } from "./worker-settings.ts";

export interface Cron {
  /** Does now what is done at each full minute. Throws if the Worker does. */
  run(): Promise<void>;
  startTimer(onFailure: (error: unknown) => void): void;
  /** Resolves when the run under way, if any, is over, or has had some time to be. */
  stopTimer(): Promise<void>;
}

const MINUTE_MS = 60_000;
const END_WAIT_MS = 2_000;

/** A run that takes longer than a minute is never overlapped by the timer: the minutes it covers are left out. */
export function createCron(runtime: Miniflare, settings: WorkerSettings): Cron {
  let timer: NodeJS.Timeout | undefined;
  let current = Promise.resolve();
  let isStopped = false;
  const run = () => runAll(runtime, settings);
  const startTimer = (onFailure: (error: unknown) => void) => {
    timer = setTimeout(
      () => {
        current = run()
          .catch((error) => {
            if (!isStopped) onFailure(error);
          })
          .finally(() => {
            if (!isStopped) startTimer(onFailure);
          });
      },
      MINUTE_MS - (Date.now() % MINUTE_MS),
    );
  };
  const stopTimer = async () => {
    isStopped = true;
    clearTimeout(timer);
    await withPatience(current);
  };
  return { run, startTimer, stopTimer };
}

/** Every expression each time: the work is keyed by period, so more often than due does no harm. */
async function runAll(runtime: Miniflare, { name, crons }: WorkerSettings): Promise<void> {
  const worker = await runtime.getWorker(name);
  const scheduledTime = new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
  for (const cron of crons) {
    const { outcome } = await worker.scheduled({ cron, scheduledTime });
    if (outcome !== "ok")
      throw new Error(`the Worker's scheduled handler ended with "${outcome}" for "${cron}"`);
  }
}

async function withPatience(work: Promise<void>): Promise<void> {
  let giveUp: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    giveUp = setTimeout(resolve, END_WAIT_MS);
  });
  await Promise.race([work, patience]);
  clearTimeout(giveUp);
}
