/** Every code that the API can answer with is documented, and what is documented can come. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROBLEM_CODES } from "../../shared/api/problem-codes.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The files of the Worker, as text. */
function sources(): readonly string[] {
  return ["workers", "shared/credits"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(ROOT, folder, name), "utf8")),
  );
}

test("docs/call.md has one row for each code, with its statuses", () => {
  const text = readFileSync(join(ROOT, "docs/call.md"), "utf8");
  const rows = [...text.matchAll(/^\| ([\d, ]+) \| `(\w+)` \| (.+) \|$/gm)];
  const documented = rows.map(([, statuses = "", code = ""]) => [code, statuses.split(", ").map(Number)]);
  expect(documented).toHaveLength(new Set(documented.map(([code]) => code)).size);
  expect(Object.fromEntries(documented)).toEqual(PROBLEM_CODES);
});

test("every code is used somewhere", () => {
  const text = sources().join("\n");
  for (const code of Object.keys(PROBLEM_CODES)) expect(text, code).toContain(`"${code}"`);
});

test("a code comes with the statuses that it is said to have", () => {
  const thrown = sources().flatMap((text) => [...text.matchAll(/new ProblemError\(\s*(\d{3}),\s*"(\w+)"/g)]);
  expect(thrown.length).toBeGreaterThan(50);
  const codes: Readonly<Record<string, readonly number[]>> = PROBLEM_CODES;
  for (const [, status, code = ""] of thrown) expect(codes[code], code).toContain(Number(status));
});
