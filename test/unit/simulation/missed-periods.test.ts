/** Time that nobody watched (rules, 2.4): noticed at once or bit by bit, the same periods close with the same facts. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { inOrder, unchanged } from "../../../shared/credits/effects.ts";
import type { ClosedPeriod } from "../../../shared/credits/reset.ts";
import type { AccountState } from "../../../shared/credits/state.ts";
import { advance, nextDueMs } from "../../../shared/credits/timeline.ts";
import { monthAround } from "../calendar.ts";
import {
  accountWith,
  allowed,
  bought,
  CATALOG,
  credits,
  done,
  holding,
  NOW,
  withTerms,
} from "../fixtures.ts";
import { PATIENT, runs } from "../property.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

// Clocks that change at midnight, that were put back over it, a skipped day; anchors that short months lack.
const timeZone = fc.constantFrom(
  "UTC",
  "America/Sao_Paulo",
  "Asia/Beirut",
  "America/Havana",
  "Africa/Cairo",
  "Pacific/Apia",
  "Australia/Lord_Howe",
  "America/St_Johns",
  "Pacific/Kiritimati",
);
const anchorDate = fc.constantFrom("2026-11-14", "2026-10-31", "2024-02-29", "2025-01-30", "2026-12-01");
const calendar = fc.record({ anchorDate, timeZone });

interface Watched {
  readonly state: AccountState;
  readonly closed: readonly ClosedPeriod[];
}

/** An account to which much will happen by itself. */
function busy(
  terms: { anchorDate: string; timeZone: string },
  later: typeof terms,
  termPeriods: number,
): AccountState {
  const opened = accountWith({ included: 300, terms: { ...terms, termPeriods } });
  const owning = bought(opened, { quantity: 1 }).state;
  // Automatic packs, whose day ends; a hold, which expires; a conversion; a grant for the next period.
  const upgraded = allowed(owning, 1500).state;
  const held = holding(upgraded, 20).state;
  const size = { size: 100, quantity: 1, creditsMicros: credits(3000), termPeriods: null };
  const price = { amountMinor: 500, currency: "USD" };
  const converted = done(held, { kind: "convert", ...size, price, effectiveAtMs: NOW + 40 * DAY_MS }).state;
  return withTerms(converted, later);
}

function watch(state: AccountState, stops: readonly number[]) {
  return stops.reduce<Watched & Omit<ReturnType<typeof unchanged>, "state">>(
    (before, stop) => {
      const step = advance(before.state, CATALOG, stop);
      return { ...inOrder(before, step), closed: [...before.closed, ...step.closed] };
    },
    { ...unchanged(state), closed: [] },
  );
}

/** What was told differs: several missed periods have one report, and what is past is not told as ahead. */
function withoutNotices(state: AccountState) {
  return { ...state, issued: { ...state.issued, notices: 0 } };
}

test("any number of missed periods close one by one, as if somebody had watched", PATIENT, () => {
  const gaps = fc.array(fc.nat({ max: 50 * DAY_MS }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      calendar,
      calendar,
      fc.integer({ min: 1, max: 3 }),
      gaps,
      (terms, later, termPeriods, waits) => {
        const state = busy(terms, later, termPeriods);
        let nowMs = NOW;
        const stops = waits.map((wait) => {
          nowMs += wait;
          return nowMs;
        });
        const atOnce = watch(state, [nowMs]);
        const bitByBit = watch(state, stops);
        expect(atOnce.closed).toEqual(bitByBit.closed);
        expect(atOnce.facts).toEqual(bitByBit.facts);
        expect(atOnce.audit).toEqual(bitByBit.audit);
        expect(withoutNotices(atOnce.state)).toEqual(withoutNotices(bitByBit.state));
        expect(nextDueMs(atOnce.state)).toBeGreaterThan(nowMs);

        const reports = atOnce.notices.filter(({ kind }) => kind === "usage_report");
        expect(reports).toHaveLength(atOnce.closed.length === 0 ? 0 : 1);
      },
    ),
    runs(400),
  );
});

test(
  "three missed periods lie end to end, by the calendar of before and then by the new one",
  PATIENT,
  () => {
    fc.assert(
      fc.property(calendar, calendar, (terms, later) => {
        const state = busy(terms, later, 2);
        const first = monthAround(terms.anchorDate, terms.timeZone, NOW);
        const second = monthAround(later.anchorDate, later.timeZone, first.endMs);
        const third = monthAround(later.anchorDate, later.timeZone, second.endMs);
        const { closed, state: after, facts } = advance(state, CATALOG, third.endMs);
        expect(closed.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
          [first.startMs, first.endMs],
          [first.endMs, second.endMs],
          [second.endMs, third.endMs],
        ]);
        expect(after.period.startMs).toBe(third.endMs);
        expect(facts.filter(({ kind }) => kind === "period_closed").map(({ atMs }) => atMs)).toEqual(
          closed.map(({ endMs }) => endMs),
        );
        // Used was in the first one only, and each is counted afresh.
        expect(closed.map(({ usedMicros }) => usedMicros)).toEqual([credits(1500), 0, 0]);
      }),
      runs(200),
    );
  },
);
