/** API keys, webhook endpoints and test clocks on the wire (rules, sections 6.3 and 12). */
import { z } from "@hono/zod-openapi";
import { SCOPES } from "../api-keys.ts";
import { identifierSchema, instantOutSchema, instantSchema, labelSchema, MODES } from "./common.ts";

const URL_LENGTH_MAX = 2000;
const LOCAL_HOSTS: ReadonlySet<string> = new Set(["localhost", "127.0.0.1"]);

export const createApiKeySchema = z
  .strictObject({
    name: labelSchema,
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .refine((scopes) => new Set(scopes).size === scopes.length, "each scope once"),
    mode: z.enum(MODES).optional().openapi({ description: "default: the calling key's" }),
  })
  .openapi("CreateApiKey");

export const apiKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    mode: z.enum(MODES),
    scopes: z.array(z.enum(SCOPES)),
    createdAt: instantOutSchema,
    revokedAt: instantOutSchema.nullable(),
  })
  .openapi("ApiKey");

export const createdApiKeySchema = apiKeySchema
  .extend({ key: z.string().openapi({ description: "shown only now; it is stored nowhere" }) })
  .openapi("CreatedApiKey");

/** Notices carry an account's figures, so they travel encrypted; plain only to the machine itself. */
function isReceiverUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && LOCAL_HOSTS.has(url.hostname));
}

export const createWebhookEndpointSchema = z
  .strictObject({
    url: z
      .string()
      .max(URL_LENGTH_MAX)
      .refine(isReceiverUrl, "an https URL without credentials (http only to localhost or 127.0.0.1)")
      .openapi({ format: "uri", example: "https://example.com/hooks/drawdown" }),
  })
  .openapi("CreateWebhookEndpoint");

export const webhookEndpointSchema = z
  .object({
    id: z.string(),
    mode: z.enum(MODES),
    url: z.string(),
    createdAt: instantOutSchema,
    disabledAt: instantOutSchema.nullable().openapi({ description: "nothing is sent there since then" }),
    restsUntil: instantOutSchema
      .nullable()
      .openapi({ description: "it did not answer and is left alone until then" }),
    previousSecretUntil: instantOutSchema
      .nullable()
      .openapi({ description: "both secrets sign until then, after a rotation" }),
    secret: z
      .string()
      .optional()
      .openapi({ description: "verifies the webhooks' signatures; only for keys with the scope admin" }),
  })
  .openapi("WebhookEndpoint");

const GRACE_HOURS_MAX = 7 * 24;
const GRACE_HOURS_DEFAULT = 24;

export const rotateWebhookSecretSchema = z
  .strictObject({
    graceHours: z
      .int()
      .min(0)
      .max(GRACE_HOURS_MAX)
      .default(GRACE_HOURS_DEFAULT)
      .openapi({ description: "so long the secret until now signs too; 0: it ends at once" }),
  })
  .openapi("RotateWebhookSecret");

export const createTestClockSchema = z
  .strictObject({ testClock: identifierSchema, now: instantSchema })
  .openapi("CreateTestClock");

export const advanceTestClockSchema = z
  .strictObject({ to: instantSchema.openapi({ description: "never before the clock's own time" }) })
  .openapi("AdvanceTestClock");

export const testClockSchema = z
  .object({ testClock: z.string(), now: instantOutSchema })
  .openapi("TestClock");

export const listedTestClockSchema = testClockSchema
  .extend({ accounts: z.array(z.string()).openapi({ description: "those that live by it" }) })
  .openapi("ListedTestClock");
