/** The audit log on the wire (rules, section 9.4). */
import { z } from "@hono/zod-openapi";
import { instantOutSchema, instantSchema, pageQuerySchema, referenceSchema } from "./common.ts";

export const auditQuerySchema = pageQuerySchema.extend({
  actor: referenceSchema.optional().openapi({ description: "only what this one did" }),
  action: z.string().max(64).optional().openapi({ description: "only this action, such as setting_changed" }),
  from: instantSchema.optional().openapi({ description: "then or later" }),
  to: instantSchema.optional().openapi({ description: "before then" }),
});

export const auditRecordSchema = z
  .object({
    id: z.string(),
    at: instantOutSchema,
    actor: z.string().openapi({ description: "who: as Drawdown-Actor said, the key, or system" }),
    action: z.string().openapi({ example: "setting_changed" }),
    target: z.string().openapi({ description: "what was changed; empty: the account itself" }),
    before: z.unknown(),
    after: z.unknown(),
  })
  .openapi("AuditRecord");
