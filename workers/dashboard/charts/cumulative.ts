/** Use of days added up, as a forecast chart draws it. Pure. */
import { addDays, dayCount } from "../../../shared/reports/days.ts";
import type { CumulativeDay } from "./props.ts";

/**
 * Use since the period's start as of the end of each day from `first` to `today`, from the use of single days (days
 * without use may be missing). `used` is the balance's own figure, which today's point shows; without it the sum.
 */
export function cumulativeUse(
  daily: readonly { readonly day: string; readonly credits: number }[],
  { first, today, used }: { readonly first: string; readonly today: string; readonly used?: number },
): readonly CumulativeDay[] {
  const byDay = new Map(daily.map(({ day, credits }) => [day, credits]));
  const days = Array.from({ length: Math.max(1, dayCount({ from: first, to: today })) }, (_, index) =>
    addDays(first, index),
  );
  let sum = 0;
  const added = days.map((day) => {
    sum += byDay.get(day) ?? 0;
    return { day, used: sum };
  });
  return used === undefined ? added : added.with(-1, { day: today, used });
}
