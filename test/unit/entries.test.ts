/** Events and entries: when they count, what they keep, and when two are the same (rules, sections 3.7 and 4). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Booking,
  makeEntry,
  OCCURRED_FUTURE_MAX_MS,
  OCCURRED_PAST_MAX_MS,
  type Outcome,
  refuseOccurredAt,
  sameContent,
  type UsageEvent,
} from "../../shared/credits/entries.ts";
import { credits, NOW } from "./fixtures.ts";
import { PATIENT, runs } from "./property.ts";

const EVENT: UsageEvent = {
  id: "req_7f3",
  feature: "assistant",
  items: [
    { action: "input_tokens", quantityMicros: credits(374) },
    { action: "output_tokens", quantityMicros: credits(44) },
  ],
  user: "u_12",
  workflow: "triage",
  subject: "ticket/4711",
  occurredAtMs: NOW - 1000,
  outcome: { type: "ticket_resolved", value: { amountMinor: 450, currency: "USD" } },
  properties: { model: "large", tries: 2, cached: false },
};

function booking(event: UsageEvent, more: Partial<Booking> = {}): Booking {
  return {
    seq: 1,
    period: "2026-11-14",
    periodStartMs: Date.parse("2026-11-14T00:00:00Z"),
    mode: "consume",
    nowMs: NOW,
    day: "2026-11-20",
    quote: {
      rateVersion: 3,
      creditsMicros: 1,
      items: event.items.map((item) => ({ ...item, creditsMicros: 1 })),
    },
    accountRatesVersion: null,
    teams: [],
    hold: null,
    overdraftMicros: 0,
    wouldDeny: null,
    upgrade: null,
    ...more,
  };
}

/** The entry of an event, as it comes back from storage. */
function stored(event: UsageEvent, more: Partial<Booking> = {}) {
  return JSON.parse(JSON.stringify(makeEntry(event, booking(event, more))));
}

describe("an entry", () => {
  test("holds the event, its parts and the decision", () => {
    expect(stored(EVENT)).toEqual({
      seq: 1,
      id: "req_7f3",
      period: "2026-11-14",
      atMs: NOW,
      day: "2026-11-20",
      feature: "assistant",
      items: [
        ["input_tokens", credits(374), 1],
        ["output_tokens", credits(44), 1],
      ],
      creditsMicros: 1,
      rateVersion: 3,
      user: "u_12",
      workflow: "triage",
      subject: "ticket/4711",
      occurredAtMs: NOW - 1000,
      outcome: { type: "ticket_resolved", value: { amountMinor: 450, currency: "USD" } },
      properties: { model: "large", tries: 2, cached: false },
    });
  });

  test("of a record says so, with its overdraft and what a consume would have met", () => {
    const more = { mode: "record", overdraftMicros: 40, wouldDeny: "max_monthly_limit_reached" } as const;
    expect(stored(EVENT, more)).toMatchObject(more);
    expect(Object.keys(stored(EVENT))).not.toContain("overdraftMicros");
  });

  test("is late where its time lies before the period in which it is booked", () => {
    const start = booking(EVENT).periodStartMs;
    expect(stored({ ...EVENT, occurredAtMs: start - 1 })).toMatchObject({
      late: true,
      occurredAtMs: start - 1,
    });
    expect(stored({ ...EVENT, occurredAtMs: start })).not.toHaveProperty("late");
    expect(stored({ ...EVENT, occurredAtMs: undefined })).not.toHaveProperty("late");
  });
});

describe("an event sent again", () => {
  const text = fc.constantFrom("", "x", "y");
  const event: fc.Arbitrary<UsageEvent> = fc.record(
    {
      id: fc.constant("a"),
      feature: fc.constantFrom("f", "g"),
      items: fc.array(fc.record({ action: fc.constantFrom("x", "y"), quantityMicros: fc.nat({ max: 3 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
      user: text,
      workflow: text,
      subject: text,
      occurredAtMs: fc.nat({ max: 2 }),
      outcome: fc.record(
        {
          type: fc.constantFrom("x", "y"),
          value: fc.record({ amountMinor: fc.nat({ max: 1 }), currency: fc.constantFrom("USD", "EUR") }),
          quantityMicros: fc.nat({ max: 1 }),
          unit: text,
        },
        { requiredKeys: ["type"] },
      ),
      properties: fc.dictionary(fc.constantFrom("p", "q"), fc.oneof(text, fc.nat({ max: 1 }), fc.boolean())),
    },
    { requiredKeys: ["id", "feature", "items"] },
  );

  const mode = fc.constantFrom("consume" as const, "record" as const);
  const field = fc.oneof(
    fc.record({
      key: fc.constantFrom(...(Object.keys(EVENT) as (keyof UsageEvent)[])),
      part: fc.constant(null),
    }),
    fc.record({
      key: fc.constant("outcome" as const),
      part: fc.constantFrom("type", "value", "quantityMicros", "unit"),
    }),
  );

  /** The first event's outcome with one part of the other's. */
  function partly(first: UsageEvent, other: UsageEvent, part: keyof Outcome): Outcome {
    return {
      type: "x",
      ...first.outcome,
      [part]: other.outcome?.[part] ?? (part === "type" ? "y" : undefined),
    };
  }

  /** Equal as JSON documents, whatever the order of their fields; no properties are as good as none. */
  function equal(a: UsageEvent, b: UsageEvent): boolean {
    const plain = ({ properties, ...rest }: UsageEvent) => sorted({ ...rest, properties: properties ?? {} });
    return JSON.stringify(plain(a)) === JSON.stringify(plain(b));
  }

  function sorted(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== "object" || value === null) return value;
    return Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]);
  }

  test("has the content of its entry exactly where every field is the same", PATIENT, () => {
    fc.assert(
      fc.property(event, event, field, mode, (first, other, { key, part }, booked) => {
        const second = { ...first, [key]: part === null ? other[key] : partly(first, other, part) };
        const entry = stored(first, { mode: booked });
        expect(sameContent(entry, first)).toBe(true);
        expect(sameContent(entry, second)).toBe(equal(first, second));
      }),
      runs(2000),
    );
  });

  test("differs by any one field", () => {
    const entry = stored(EVENT);
    const others: Partial<UsageEvent>[] = [
      { feature: "writer" },
      { items: EVENT.items.slice(1) },
      { items: [...EVENT.items].reverse() },
      { user: undefined },
      { workflow: "other" },
      { subject: "other" },
      { occurredAtMs: undefined },
      { outcome: { type: "ticket_resolved" } },
      { outcome: { type: "ticket_resolved", value: { amountMinor: 450, currency: "EUR" } } },
      { properties: { model: "large", tries: "2", cached: false } },
    ];
    for (const other of others) expect(sameContent(entry, { ...EVENT, ...other })).toBe(false);
    expect(sameContent(entry, { ...EVENT, properties: { cached: false, tries: 2, model: "large" } })).toBe(
      true,
    );
  });
});

describe("the time of an event", () => {
  test.each([
    [undefined, null],
    [NOW - OCCURRED_PAST_MAX_MS, null],
    [NOW - OCCURRED_PAST_MAX_MS - 1, "occurred_too_early"],
    [NOW + OCCURRED_FUTURE_MAX_MS, null],
    [NOW + OCCURRED_FUTURE_MAX_MS + 1, "occurred_in_future"],
  ])("at %s is answered with %s", (occurredAtMs, kind) => {
    expect(refuseOccurredAt(occurredAtMs, NOW)?.kind ?? null).toBe(kind);
  });

  test("may lie 35 days back and 5 minutes ahead", () => {
    expect(OCCURRED_PAST_MAX_MS).toBe(35 * 24 * 3_600_000);
    expect(OCCURRED_FUTURE_MAX_MS).toBe(5 * 60_000);
  });
});
