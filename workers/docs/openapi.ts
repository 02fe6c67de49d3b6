/** The OpenAPI 3.1 document, generated from the routes and their zod schemas. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../ingest/http.ts";

const DESCRIPTION = `Credit metering and billing.

Send \`Authorization: Bearer <key>\`. Keys have scopes: \`consume\` to check, consume and send events, \`read\` to read, \
\`admin\` for all that changes something else. They have a mode (\`live\`, \`test\`); the accounts of one mode do not exist \
for the keys of the other. Times are RFC 3339. Credits are JSON numbers with at most 6 \
decimals. Errors are RFC 9457 problem documents that name each bad field; a 5xx may be sent again with the same id. Lists \
are \`{ data, nextCursor }\`: pass \`nextCursor\` as \`cursor\` for the next page.`;

const SECURITY_SCHEME = "apiKey";

/** The document as JSON text. */
export function openApiText(app: OpenAPIHono<AppEnv>): string {
  app.openAPIRegistry.registerComponent("securitySchemes", SECURITY_SCHEME, {
    type: "http",
    scheme: "bearer",
    description: "an API key, such as dd_live_…",
  });
  return JSON.stringify(
    app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: {
        title: "Drawdown",
        version: "1",
        description: DESCRIPTION,
        license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
      },
      servers: [{ url: "/" }],
      security: [{ [SECURITY_SCHEME]: [] }],
    }),
  );
}
