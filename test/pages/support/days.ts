/** Days before now, for events of the past. */

export const DAY_MS = 24 * 60 * 60 * 1000;

/** The instant so many days ago. */
export function daysAgo(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString();
}

/** The day in UTC so many days ago. */
export function dayAgo(days: number): string {
  return daysAgo(days).slice(0, 10);
}
