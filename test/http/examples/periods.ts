/** Worked example 15: where periods begin and end. */
import { describe, expect, test } from "vitest";
import type { TestServer } from "../support/server.ts";
import { open } from "./accounts.ts";

export function periodExamples(server: TestServer): void {
  describe("periods", () => {
    /** Names of the periods from 31 January on, as one after the other begins. */
    async function periodsFrom(year: number): Promise<readonly (readonly [start: string, end: string])[]> {
      const anchorDate = `${year}-01-31`;
      const account = await open(server, { now: `${anchorDate}T12:00:00Z`, anchorDate });
      for (let month = 0; month < 3; month += 1) await account.advanceToReset();
      const { data } = await server.test.periods(account.account);
      return data.toReversed().map(({ start, end }) => [start, end] as const);
    }

    test("15: anchored to 31 January they begin on 31 January, 28 February, 31 March and 30 April", async () => {
      expect(await periodsFrom(2026)).toEqual([
        ["2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z"],
        ["2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"],
        ["2026-03-31T00:00:00Z", "2026-04-30T00:00:00Z"],
      ]);
    });

    test("15: in a leap year the second begins on 29 February", async () => {
      expect(await periodsFrom(2024)).toEqual([
        ["2024-01-31T00:00:00Z", "2024-02-29T00:00:00Z"],
        ["2024-02-29T00:00:00Z", "2024-03-31T00:00:00Z"],
        ["2024-03-31T00:00:00Z", "2024-04-30T00:00:00Z"],
      ]);
    });
  });
}
