/** What a refused body says about each bad field: its path, and what to do about it. */
import { z } from "@hono/zod-openapi";
import { expect, test } from "vitest";
import { fieldErrors } from "../../workers/ingest/http.ts";

const schema = z.strictObject({
  name: z.string(),
  tax: z.strictObject({ percent: z.number() }).optional(),
});

function errorsOf(body: unknown) {
  const { error } = schema.safeParse(body);
  if (error === undefined) throw new Error("the body is good");
  return fieldErrors(error);
}

test("a field that is missing, of a wrong kind or unknown is named in plain words", () => {
  expect(errorsOf({ nmae: "x", tax: {} })).toEqual([
    { path: "name", message: "is missing: string" },
    { path: "tax.percent", message: "is missing: number" },
    { path: "nmae", message: "unknown field" },
  ]);
  expect(errorsOf({ name: 7 })).toEqual([
    { path: "name", message: "Invalid input: expected string, received number" },
  ]);
});
