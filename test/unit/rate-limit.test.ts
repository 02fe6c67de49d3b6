/** The RateLimit header fields say what may still be spent before the reset. */
import { describe, expect, test } from "vitest";
import { rateLimitHeaders } from "../../shared/api/rate-limit.ts";

const CREDIT = 1_000_000;
const periodStartMs = Date.parse("2026-11-14T00:00:00Z");
const resetAtMs = Date.parse("2026-12-14T00:00:00Z");
const period = { periodStartMs, resetAtMs };

describe("the RateLimit header fields", () => {
  test("name the ceiling, whole available credits, and seconds to the reset", () => {
    const balance = { ...period, ceilingMicros: 500 * CREDIT, availableMicros: 379.999999 * CREDIT };
    expect(rateLimitHeaders(balance, resetAtMs - 90_000)).toEqual([
      ["RateLimit-Policy", '"credits";q=500;w=2592000'],
      ["RateLimit", '"credits";r=379;t=90'],
    ]);
  });

  test("round time up, so that who waits is not early, and never below 0", () => {
    const balance = { ...period, ceilingMicros: CREDIT, availableMicros: 0 };
    const [, [, almost] = []] = rateLimitHeaders(balance, resetAtMs - 1);
    const [, [, late] = []] = rateLimitHeaders(balance, resetAtMs + 5_000);
    expect([almost, late]).toEqual(['"credits";r=0;t=1', '"credits";r=0;t=0']);
  });

  test("are left out where there is no ceiling", () => {
    const balance = { ...period, ceilingMicros: null, availableMicros: null };
    expect(rateLimitHeaders(balance, periodStartMs)).toEqual([]);
  });
});
