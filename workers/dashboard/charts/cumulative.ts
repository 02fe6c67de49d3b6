/** Days of a forecast chart: local days counted, use added up. Pure. */
import type { CumulativeDay } from "./props.ts";

const DAY_MS = 86_400_000;

/** How many days after `from` a local day is. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

/** The local day `days` after another. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/**
 * Use since the period's start as of the end of each day from `first` to `today`, from the use of single days (days
 * without use may be missing). `used` is the balance's own figure, which today's point shows; without it the sum.
 */
export function cumulativeUse(
  daily: readonly { readonly day: string; readonly credits: number }[],
  { first, today, used }: { readonly first: string; readonly today: string; readonly used?: number },
): readonly CumulativeDay[] {
  const byDay = new Map(daily.map(({ day, credits }) => [day, credits]));
  const days = Array.from({ length: Math.max(0, daysBetween(first, today)) + 1 }, (_, index) =>
    dayAfter(first, index),
  );
  let sum = 0;
  const added = days.map((day) => {
    sum += byDay.get(day) ?? 0;
    return { day, used: sum };
  });
  return used === undefined ? added : added.with(-1, { day: today, used });
}
