/** What the API takes and refuses, field by field (rules, sections 1, 3.5 and 3.7). */
import { describe, expect, test } from "vitest";
import {
  creditsSchema,
  currencySchema,
  dateSchema,
  formatInstant,
  identifierSchema,
  instantSchema,
  moneySchema,
  quantitySchema,
  referenceSchema,
  unitPriceSchema,
} from "../../shared/api/common.ts";
import { ITEMS_PER_EVENT_MAX, PROPERTIES_MAX } from "../../shared/api/event-parts.ts";
import { captureSchema, holdBodySchema, toCapture, toHoldCall } from "../../shared/api/holds.ts";
import { eventSchema, eventsBodySchema, toUsageEvent } from "../../shared/api/usage.ts";
import { CREDITS_MICROS_MAX } from "../../shared/credits/amounts.ts";

const EVENT = { account: "acme", id: "req_1", feature: "assistant", action: "answer", quantity: 1 };

interface Parsed {
  readonly success: boolean;
  readonly error?: { readonly issues: readonly { readonly path: PropertyKey[]; readonly message: string }[] };
}

/** What is wrong, as `field: message`. */
function problems(parsed: Parsed): readonly string[] {
  return (parsed.error?.issues ?? []).map((issue) => `${issue.path.join(".")}: ${issue.message}`);
}

function eventProblems(event: unknown): readonly string[] {
  return problems(eventSchema.safeParse(event));
}

describe("credits and quantities", () => {
  test.each([
    ["0", 0],
    ["-0", 0],
    ["0.1", 100_000],
    ["0.000001", 1],
    ["1e2", 100_000_000],
    ["8000000000", CREDITS_MICROS_MAX],
    ["7999999999.999999", CREDITS_MICROS_MAX - 1],
  ])("%s is exact", (json, micros) => {
    expect(creditsSchema.parse(JSON.parse(json))).toBe(micros);
    expect(quantitySchema.parse(JSON.parse(json))).toBe(micros);
  });

  test.each([
    ["0.0000001", "must have at most 6 decimals"],
    ["1e-7", "must have at most 6 decimals"],
    ["1.1234567", "must have at most 6 decimals"],
    ["-1", "must not be negative"],
    ["-1e-9", "must not be negative"],
    ["8000000000.000001", "must be at most 8000000000"],
    ["1e21", "must be at most 8000000000"],
    ["1e300", "must be at most 8000000000"],
    ['"1"', "must be a number of credits"],
    ["null", "must be a number of credits"],
    ["1e999", "must be a number of credits"],
    ["[1]", "must be a number of credits"],
  ])("%s: %s", (json, message) => {
    expect(problems(creditsSchema.safeParse(JSON.parse(json)))).toEqual([`: ${message}`]);
  });

  test("NaN is no number", () => {
    expect(creditsSchema.safeParse(Number.NaN).success).toBe(false);
  });
});

describe("names", () => {
  test.each(["a", "A9", "pack-1000", "v1.2_x", "a".repeat(64)])(
    "%j names something of the operator's",
    (name) => {
      expect(identifierSchema.safeParse(name).success).toBe(true);
    },
  );

  test.each(["", "-a", ".a", "a b", "a/b", "ä", "a".repeat(65), "a\n"])("%j does not", (name) => {
    expect(identifierSchema.safeParse(name).success).toBe(false);
  });

  test.each(["ticket/4711", "ü", "😀".repeat(200), " ", "a".repeat(200)])("%j is a reference", (text) => {
    expect(referenceSchema.safeParse(text).success).toBe(true);
  });

  test.each(["", "a\nb", "\u0000", "a\u007f", "a\u0085", "a".repeat(201), "\ud800", "\udc00\ud800"])(
    "%j is none",
    (text) => {
      expect(referenceSchema.safeParse(text).success).toBe(false);
    },
  );
});

describe("money", () => {
  test("is whole minor units, never negative, of a known currency", () => {
    expect(moneySchema.safeParse({ amountMinor: 230, currency: "USD" }).success).toBe(true);
    for (const amountMinor of [2.5, -1, 2 ** 53, "230"]) {
      expect(moneySchema.safeParse({ amountMinor, currency: "USD" }).success).toBe(false);
    }
    for (const currency of ["usd", "ZZZ", "", "USDT"])
      expect(currencySchema.safeParse(currency).success).toBe(false);
    expect(moneySchema.safeParse({ amountMinor: 1, currency: "USD", amount: 1 }).success).toBe(false);
  });

  test.each(["0", "0.010", "12", "0.000000000001", "999999999999.999999999999"])("%s is a price", (price) => {
    expect(unitPriceSchema.safeParse(price).success).toBe(true);
  });

  test.each([
    "",
    ".5",
    "1.",
    "-1",
    "+1",
    "1e3",
    "1,5",
    "0.0000000000001",
    "1234567890123",
    " 1",
    "1\n",
    "0x1",
  ])("%j is none", (price) => {
    expect(unitPriceSchema.safeParse(price).success).toBe(false);
  });
});

describe("times", () => {
  test.each([
    ["2026-11-21T10:00:00Z", Date.UTC(2026, 10, 21, 10)],
    ["2026-11-21T10:00:00.123Z", Date.UTC(2026, 10, 21, 10, 0, 0, 123)],
    ["2026-11-21T10:00:00+05:30", Date.UTC(2026, 10, 21, 4, 30)],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
  ])("%s is read", (text, atMs) => {
    expect(instantSchema.parse(text)).toBe(atMs);
  });

  test.each([
    "2026-11-21",
    "2026-11-21T10:00:00",
    "2026-02-29T00:00:00Z",
    "2026-11-31T00:00:00Z",
    "2026-11-21T24:00:00Z",
    "2026-11-21T10:00:00+24:00",
    "21.11.2026",
    "now",
    "",
  ])("%j is refused", (text) => {
    expect(instantSchema.safeParse(text).success).toBe(false);
  });

  test("are written in UTC, with a fraction where there is one", () => {
    expect(formatInstant(Date.UTC(2026, 10, 21, 10))).toBe("2026-11-21T10:00:00Z");
    expect(formatInstant(Date.UTC(2026, 10, 21, 10, 0, 0, 5))).toBe("2026-11-21T10:00:00.005Z");
  });

  test("a date must exist", () => {
    expect(dateSchema.safeParse("2024-02-29").success).toBe(true);
    for (const date of ["2026-02-29", "2026-13-01", "2026-1-1", "2026-11-21T00:00:00Z"]) {
      expect(dateSchema.safeParse(date).success).toBe(false);
    }
  });
});

describe("an event", () => {
  test("with one action is the same as with one item", () => {
    const { action, quantity, ...rest } = EVENT;
    const single = toUsageEvent(eventSchema.parse(EVENT));
    expect(single).toEqual(toUsageEvent(eventSchema.parse({ ...rest, items: [{ action, quantity }] })));
    expect(single).toEqual({
      id: "req_1",
      feature: "assistant",
      items: [{ action: "answer", quantityMicros: 1_000_000 }],
    });
  });

  test("carries who, what for, when and what came of it", () => {
    const parsed = eventSchema.parse({
      ...EVENT,
      user: "u_12",
      workflow: "triage",
      subject: "ticket/4711",
      occurredAt: "2026-11-21T10:00:00Z",
      outcome: { type: "hours_saved", quantity: 1.5, unit: "hour" },
      properties: { model: "large", tries: 2, cached: false },
    });
    expect(toUsageEvent(parsed)).toEqual({
      id: "req_1",
      feature: "assistant",
      items: [{ action: "answer", quantityMicros: 1_000_000 }],
      user: "u_12",
      workflow: "triage",
      subject: "ticket/4711",
      occurredAtMs: Date.UTC(2026, 10, 21, 10),
      outcome: { type: "hours_saved", quantityMicros: 1_500_000, unit: "hour" },
      properties: { model: "large", tries: 2, cached: false },
    });
  });

  test.each<[string, object, readonly string[]]>([
    [
      "nothing to price",
      { action: undefined, quantity: undefined },
      ["items: required, or action and quantity for one item"],
    ],
    ["a quantity of nothing", { action: undefined }, ["action: required beside quantity"]],
    ["an action without quantity", { quantity: undefined }, ["quantity: required beside action"]],
    [
      "both forms",
      { items: [{ action: "a", quantity: 1 }] },
      ["items: give either items or action and quantity"],
    ],
    [
      "no items",
      { action: undefined, quantity: undefined, items: [] },
      ["items: Too small: expected array to have >=1 items"],
    ],
    ["a field unknown here", { credits: 5 }, [': Unrecognized key: "credits"']],
    [
      "a bad item",
      { action: undefined, quantity: undefined, items: [{ action: "a", quantity: -1 }] },
      ["items.0.quantity: must not be negative"],
    ],
    [
      "an outcome in hours of nothing",
      { outcome: { type: "hours", quantity: 1 } },
      ["outcome.unit: quantity and unit go together"],
    ],
    [
      "a time that is none",
      { occurredAt: "yesterday" },
      ["occurredAt: an RFC 3339 time such as 2026-11-21T10:00:00Z"],
    ],
  ])("with %s is refused by name", (_, more, expected) => {
    expect(eventProblems({ ...EVENT, ...more })).toEqual(expected);
  });

  test("names every bad field at once", () => {
    expect(eventProblems({ ...EVENT, account: "a b", id: "", quantity: "1" })).toHaveLength(3);
  });

  test("has at most 50 items, and quantities that can be added up", () => {
    const { action, quantity: _, ...rest } = EVENT;
    const items = (count: number, quantity: number) =>
      Array.from({ length: count }, () => ({ action, quantity }));
    expect(eventProblems({ ...rest, items: items(ITEMS_PER_EVENT_MAX, 1) })).toEqual([]);
    expect(eventProblems({ ...rest, items: items(ITEMS_PER_EVENT_MAX + 1, 1) })).toHaveLength(1);
    expect(eventProblems({ ...rest, items: items(2, 4_000_000_000) })).toEqual([]);
    expect(
      eventProblems({ ...rest, items: [...items(2, 4_000_000_000), { action, quantity: 0.000001 }] }),
    ).toEqual(["items: quantities add up to more than 8000000000"]);
  });

  test("has at most 20 properties of plain values", () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, 1]));
    expect(eventProblems({ ...EVENT, properties: many(PROPERTIES_MAX) })).toEqual([]);
    expect(eventProblems({ ...EVENT, properties: many(PROPERTIES_MAX + 1) })).toHaveLength(1);
    for (const value of [null, {}, [], "a".repeat(201), Number.NaN]) {
      expect(eventProblems({ ...EVENT, properties: { p: value } })).not.toEqual([]);
    }
  });
});

describe("a hold", () => {
  test("is an event and how long its credits are reserved, by default 15 minutes", () => {
    const call = toHoldCall(holdBodySchema.parse(EVENT));
    expect(call).toEqual({ event: toUsageEvent(eventSchema.parse(EVENT)), holdMs: 15 * 60 * 1000 });
    expect(toHoldCall(holdBodySchema.parse({ ...EVENT, expiresInSeconds: 86_400 })).holdMs).toBe(86_400_000);
  });

  test("is captured with items in either form, or as held; its part above is asked for", () => {
    const { account, action, quantity } = EVENT;
    const single = toCapture(captureSchema.parse({ account, action, quantity }));
    expect(single).toEqual({ items: [{ action: "answer", quantityMicros: 1_000_000 }], overflow: "consume" });
    expect(toCapture(captureSchema.parse({ account, items: [{ action, quantity }] }))).toEqual(single);
    const outcome = { type: "hours_saved", quantity: 1.5, unit: "hour" };
    const asHeld = { account, overflow: "record", outcome, properties: { model: "large" } };
    expect(toCapture(captureSchema.parse(asHeld))).toEqual({
      items: null,
      overflow: "record",
      outcome: { type: "hours_saved", quantityMicros: 1_500_000, unit: "hour" },
      properties: { model: "large" },
    });
  });
});

describe("a batch", () => {
  test("is of records unless it says otherwise, and of one event at least", () => {
    expect(eventsBodySchema.parse({ events: [EVENT] }).mode).toBe("record");
    expect(eventsBodySchema.safeParse({ events: [] }).success).toBe(false);
    expect(eventsBodySchema.safeParse({ events: [EVENT], mode: "check" }).success).toBe(false);
  });
});
