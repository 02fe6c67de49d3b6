/** Times as the operator reads them. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago in whole units: "40 s", "5 min", "3 h", "12 days". */
export function ageInWords(seconds: number, count: (value: number) => string): string {
  if (seconds < MINUTE) return `${count(seconds)} s`;
  if (seconds < HOUR) return `${count(Math.floor(seconds / MINUTE))} min`;
  if (seconds < 2 * DAY) return `${count(Math.floor(seconds / HOUR))} h`;
  return `${count(Math.floor(seconds / DAY))} days`;
}
