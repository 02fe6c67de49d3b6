/**
 * Whatever happens to an account, in whatever order, the core does what the rules say: random sequences of commands are
 * given to it and to a model that was written from the text of the rules alone (test/unit/model), and after each step
 * every answer, figure, notice and document of both is compared.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { PATIENT, runs } from "../property.ts";
import type { Command } from "./commands.ts";
import { REQUIRED } from "./coverage.ts";
import { lead } from "./lead.ts";
import { anyCommand } from "./random.ts";
import { anyPercentages, anyStart, anyTerms } from "./random-parts.ts";
import { longArray } from "./sequences.ts";

const SEQUENCES = 1000;
const COMMANDS = 200;
/** Everything required has to happen at least so often in so many sequences. */
const OFTEN = 24;

test("any sequence of commands leads the core where the rules lead", { timeout: 5 * PATIENT.timeout }, () => {
  const coverage = new Map<string, number>();
  const parameters = runs(SEQUENCES);
  fc.assert(
    fc.property(
      anyTerms,
      anyPercentages,
      anyStart,
      longArray(anyCommand, COMMANDS),
      fc.option(fc.array(anyCommand, { maxLength: 12 })),
      (terms, percentages, start, commands, afterClosing) => {
        const closing: readonly Command[] = afterClosing === null ? [] : [{ kind: "close" }, ...afterClosing];
        lead({ terms, percentages, start, commands: [...commands, ...closing] }, coverage);
      },
    ),
    parameters,
  );
  if (process.env.PROPERTY_FACTOR !== undefined) console.info(Object.fromEntries([...coverage].sort()));
  const often = OFTEN * Math.min(1, parameters.numRuns / SEQUENCES);
  expect(REQUIRED.filter((what) => (coverage.get(what) ?? 0) < often)).toEqual([]);
});
