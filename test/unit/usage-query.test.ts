/** What may be asked of a usage report, and its numbers on the wire (rules, 10.2). */
import { describe, expect, test } from "vitest";
import { decimalOf, formatTotal } from "../../shared/api/totals.ts";
import { usageQuerySchema } from "../../shared/api/usage-report.ts";
import { groupingOf, type UsageFilter } from "../../shared/reports/grouping.ts";

describe("the query of a usage report", () => {
  function badFields(query: Record<string, string>): readonly string[] {
    const result = usageQuerySchema.safeParse(query);
    return result.success ? [] : result.error.issues.map((issue) => issue.path.join("."));
  }

  test("groups by one or two of what the roll-ups hold together", () => {
    for (const groupBy of ["feature,day", "day,user", "day,team", "outcome", "feature,outcome"]) {
      expect(badFields({ groupBy }), groupBy).toEqual([]);
    }
    for (const groupBy of [
      "user,feature",
      "user,workflow",
      "team,action",
      "outcome,action",
      "feature,feature",
      "colour",
      "",
      "feature,day,action",
    ]) {
      expect(badFields({ groupBy }), groupBy).toEqual(["groupBy"]);
    }
  });

  test("filters by one of what the roll-ups hold by itself, and names the way out where they do not", () => {
    expect(badFields({ feature: "assistant" })).toEqual([]);
    expect(badFields({ feature: "assistant", groupBy: "action,day" })).toEqual([]);
    expect(badFields({ user: "u1", groupBy: "day" })).toEqual([]);
    expect(badFields({ team: "sales", groupBy: "team,day" })).toEqual([]);
    expect(badFields({ user: "u1", groupBy: "feature" })).toEqual(["user"]);
    expect(badFields({ feature: "assistant", groupBy: "outcome" })).toEqual([]);
    expect(badFields({ user: "u1", groupBy: "workflow" })).toEqual(["user"]);
    expect(badFields({ user: "u1", groupBy: "outcome" })).toEqual(["user"]);
    expect(badFields({ feature: "assistant", groupBy: "user" })).toEqual(["feature"]);
    expect(badFields({ feature: "assistant", user: "u1" })).toEqual(["user"]);
    expect(badFields({ user: "u1", workflow: "triage" })).toEqual(["workflow"]);
    const { error } = usageQuerySchema.safeParse({ user: "u1", groupBy: "feature" });
    expect(error?.issues[0]?.message).toContain("/log");
  });

  test("groups by what it filters by where nothing is said, else by feature", () => {
    const groups = (filter: UsageFilter) => {
      const grouping = groupingOf(undefined, filter);
      return grouping.kind === "grouping" ? [grouping.dimension, ...grouping.groupBy] : [];
    };
    expect(groups({})).toEqual(["action", "feature"]);
    expect(groups({ feature: "assistant" })).toEqual(["action", "feature"]);
    expect(groups({ team: "sales" })).toEqual(["team", "team"]);
  });

  test("takes days or a period, and days in their order", () => {
    expect(badFields({ period: "current", from: "2026-11-01" })).toEqual(["period"]);
    expect(badFields({ to: "2026-11-01" })).toEqual(["from"]);
    expect(badFields({ from: "2026-11-02", to: "2026-11-01" })).toEqual(["to"]);
    expect(badFields({ from: "2026-13-01" })).toEqual(["from"]);
    expect(badFields({ period: "next" })).toEqual(["period"]);
    expect(badFields({ period: "2026-11-14" })).toEqual([]);
    expect(badFields({ top: "0" })).toEqual(["top"]);
  });
});

test("totals beyond 2^53 micros keep every whole unit", () => {
  expect(formatTotal(0n)).toBe(0);
  expect(formatTotal(38_716_530_000n)).toBe(38_716.53);
  expect(formatTotal(9_007_199_254_740_991n * 1_000_000n)).toBe(Number.MAX_SAFE_INTEGER);
  expect(formatTotal(123_456_789_012_345_000_001n)).toBe(123_456_789_012_345);
  expect(formatTotal(-1_500_000n)).toBe(-1.5);
  expect(decimalOf(-1n)).toBe("-0.000001");
  expect(decimalOf(123_456_789_012_345_000_010n)).toBe("123456789012345.00001");
});
