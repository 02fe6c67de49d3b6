/** Outbox rows are cut into batches that a queue takes. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { batchesOf, bytesOf } from "../../workers/account/batches.ts";

const row = (number: number, body: string) => ({ topic: "audit" as const, number, body });

test("every row is in one batch, in order, and no batch of several is too large", () => {
  const bodies = fc.array(fc.string({ unit: "grapheme", maxLength: 30 }), { maxLength: 30 });
  fc.assert(
    fc.property(
      bodies,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 80 }),
      (texts, rows, bytes) => {
        const all = texts.map((text, number) => row(number, text));
        const batches = batchesOf(all, { rows, bytes });
        expect(batches.flat()).toEqual(all);
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(rows);
          const size = batch.reduce((sum, next) => sum + bytesOf(next), 0);
          if (batch.length > 1) expect(size).toBeLessThanOrEqual(bytes);
        }
        // Two neighbours that fit together are not apart.
        for (const [index, batch] of batches.slice(1).entries()) {
          const before = batches[index] ?? [];
          const joined = [...before, ...batch.slice(0, 1)].reduce((sum, next) => sum + bytesOf(next), 0);
          expect(before.length === rows || joined > bytes).toBe(true);
        }
      },
    ),
  );
});

test("bytes are those of UTF-8", () => {
  expect(bytesOf({ body: "ü€😀" })).toBe(9);
});
