/** The account's local day of an instant, computed once per day instead of once per event. */
import { localDaySpan, type PeriodSpan } from "../../shared/credits/period.ts";

export class DayCache {
  #span: (PeriodSpan & { readonly timeZone: string }) | null = null;

  dayOf(atMs: number, timeZone: string): string {
    const span = this.#span;
    if (span !== null && span.timeZone === timeZone && span.startMs <= atMs && atMs < span.endMs)
      return span.name;
    this.#span = { ...localDaySpan(atMs, timeZone), timeZone };
    return this.#span.name;
  }
}
