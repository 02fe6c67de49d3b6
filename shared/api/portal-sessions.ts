/** Links to an account's pages on the wire (rules, section 9). */
import { z } from "@hono/zod-openapi";
import { instantOutSchema, referenceSchema } from "./common.ts";

export const createPortalSessionSchema = z
  .strictObject({ user: referenceSchema.openapi({ description: "who of the account signs in" }) })
  .openapi("CreatePortalSession");

export const portalSessionSchema = z
  .object({
    url: z.url().openapi({ description: "send the user's browser there; it opens once" }),
    expiresAt: instantOutSchema.openapi({ description: "when the link ends if nobody opens it" }),
  })
  .openapi("PortalSession");
