import fc from "fast-check";
import type { Command } from "./commands.ts";
import { lead } from "./lead.ts";
import { anyCommand } from "./random.ts";
import { anyPercentages, anyStart, anyTerms } from "./random-parts.ts";
import { longArray } from "./sequences.ts";

const coverage = new Map<string, number>();
const t0 = performance.now();
const cpu0 = process.cpuUsage();
const out = fc.check(
  fc.property(
    anyTerms,
    anyPercentages,
    anyStart,
    longArray(anyCommand, 200),
    fc.option(fc.array(anyCommand, { maxLength: 12 })),
    (terms, percentages, start, commands, afterClosing) => {
      const closing: readonly Command[] = afterClosing === null ? [] : [{ kind: "close" }, ...afterClosing];
      lead({ terms, percentages, start, commands: [...commands, ...closing] }, coverage);
    },
  ),
  { seed: Number(process.env.PROPERTY_SEED ?? 20261121), numRuns: Number(process.argv[2] ?? 50) },
);
const cpu = process.cpuUsage(cpu0);
console.log(
  "runs",
  out.numRuns,
  "shrinks",
  out.numShrinks,
  "wall",
  (performance.now() - t0) | 0,
  "cpu",
  (cpu.user / 1000) | 0,
);
if (out.failed) {
  console.log(JSON.stringify(out.counterexample, null, 0));
  const e = out.errorInstance as Error;
  console.log(String(e.message).slice(0, 3000));
  console.log(
    e.stack
      ?.split("\n")
      .filter((l) => l.includes("/work/") || l.includes("/tmp/"))
      .slice(0, 6)
      .join("\n"),
  );
  process.exitCode = 1;
} else if (process.argv[3]) for (const [k, v] of [...coverage].sort()) console.log(v, k);

import { REQUIRED } from "./coverage.ts";

console.log(
  "LOW",
  REQUIRED.filter((w) => (coverage.get(w) ?? 0) < 24).map((w) => `${w}: ${coverage.get(w) ?? 0}`),
);
