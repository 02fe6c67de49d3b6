/** Which step of a limit or maximum a decision tells, from how the account stood after each one so far (6.1, 6.2). */

/** The step that stands for "passed". */
export const PASSED = 100;

/** How an account stood after a decision; what was told follows from the moments of the period (6.1, 6.2). */
export interface Moment {
  readonly used: bigint;
  /** A change of the terms arms steps, but tells nobody: what it reaches is told with the next decision. */
  readonly telling: boolean;
  readonly limit: { readonly of: bigint; readonly passed: boolean };
  /** null: none is set. */
  readonly maximum: { readonly of: bigint; readonly passed: boolean } | null;
}

/** The highest step that the last moment reaches and that was not reached since it was last armed. */
export function newStep(
  moments: readonly Moment[],
  what: "limit" | "maximum",
  steps: readonly number[],
): number | null {
  const now = moments.at(-1);
  if (now === undefined) return null;
  const fresh = steps.filter((step) => reached(now, what, step) && !wasReached(moments, what, step));
  return fresh.at(-1) ?? null;
}

/** Reached before the last moment, and after the last one at which a higher limit took usage below it. */
function wasReached(moments: readonly Moment[], what: "limit" | "maximum", step: number): boolean {
  const armedAt = moments.findLastIndex((moment, index) => {
    const before = moments[index - 1];
    return before !== undefined && isRaised(before, moment, what) && !reached(moment, what, step);
  });
  return moments
    .slice(Math.max(0, armedAt), -1)
    .some((moment) => moment.telling && reached(moment, what, step));
}

function reached({ used, ...moment }: Moment, what: "limit" | "maximum", step: number): boolean {
  const threshold = moment[what];
  if (threshold === null || threshold.of === 0n) return false;
  return threshold.passed || (step !== PASSED && used * 100n >= threshold.of * BigInt(step));
}

function isRaised(before: Moment, after: Moment, what: "limit" | "maximum"): boolean {
  const [from, to] = [before[what], after[what]];
  if (from === null) return false;
  return to === null || to.of > from.of;
}
