/** Calls to an object are retried only where the platform says that this may help. */

const ATTEMPTS_MAX = 3;
const FIRST_DELAY_MS = 50;

/** The object has more calls waiting than it can take: trying again at once would make it worse. */
export function isOverloaded(error: unknown): boolean {
  return error instanceof Error && "overloaded" in error && error.overloaded === true;
}

/** The call did not arrive or was cut short; it may be made again. */
export function isRetryable(error: unknown): boolean {
  return error instanceof Error && "retryable" in error && error.retryable === true && !isOverloaded(error);
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
