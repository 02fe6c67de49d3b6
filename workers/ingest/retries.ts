/** Calls to an object are retried only where the platform says that this may help. */

const ATTEMPTS_MAX = 3;
const FIRST_DELAY_MS = 50;

function isRetryable(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const retryable = "retryable" in error && error.retryable === true;
  const overloaded = "overloaded" in error && error.overloaded === true;
  return retryable && !overloaded;
}

/** Runs an idempotent call with a new stub for each attempt, waiting longer each time, with jitter. */
export async function withRetries<Result>(call: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= ATTEMPTS_MAX || !isRetryable(error)) throw error;
      await scheduler.wait(FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}
