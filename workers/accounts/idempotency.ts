/** The Idempotency-Key of commands that must not happen twice (rules, section 4). */
import { z } from "@hono/zod-openapi";
import { referenceSchema } from "../../shared/api/common.ts";

export const idempotencyHeaders = z.object({
  "idempotency-key": referenceSchema.optional().openapi({
    description: "repeating the request under this key answers as the first time and does nothing again",
  }),
});

export function idempotencyKeyOf(headers: z.infer<typeof idempotencyHeaders>): string | null {
  return headers["idempotency-key"] ?? null;
}
