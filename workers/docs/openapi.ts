/** The OpenAPI 3.1 document, generated from the routes and their zod schemas. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { actorParameter } from "../../shared/api/actor.ts";
import type { AppEnv } from "../ingest/http.ts";

const DESCRIPTION = `Credit metering and billing.

Send \`Authorization: Bearer <key>\`. Keys have scopes: \`consume\` to check, consume and send events, \`read\` to read, \
\`admin\` for all that changes something else. They have a mode (\`live\`, \`test\`); the accounts of one mode do not exist \
for the keys of the other. Times are RFC 3339. Credits are JSON numbers with at most 6 \
decimals. Errors are RFC 9457 problem documents that name each bad field; a 5xx may be sent again with the same id. Lists \
are \`{ data, nextCursor }\`: pass \`nextCursor\` as \`cursor\` for the next page.`;

const SECURITY_SCHEME = "apiKey";
const ACTOR = "Actor";
const USE_OF_CREDITS = /^\/v1\/(check|consume|events|holds)/;

interface Operation {
  readonly parameters?: readonly unknown[];
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** The document as JSON text. */
export function openApiText(app: OpenAPIHono<AppEnv>): string {
  app.openAPIRegistry.registerComponent("securitySchemes", SECURITY_SCHEME, {
    type: "http",
    scheme: "bearer",
    description: "an API key, such as dd_live_…",
  });
  app.openAPIRegistry.registerComponent("parameters", ACTOR, actorParameter);
  const { paths = {}, ...document } = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Drawdown",
      version: "1",
      description: DESCRIPTION,
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ [SECURITY_SCHEME]: [] }],
  });
  return JSON.stringify({ ...document, paths: withActor(paths as unknown as Paths) });
}

/** Every route that changes something takes the header, besides those that only use credits. */
function withActor(paths: Paths): Paths {
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [
      path,
      USE_OF_CREDITS.test(path) ? item : Object.fromEntries(Object.entries(item).map(withActorIn)),
    ]),
  );
}

function withActorIn([method, operation]: [string, Operation]): [string, Operation] {
  if (method === "get") return [method, operation];
  const parameters = [...(operation.parameters ?? []), { $ref: `#/components/parameters/${ACTOR}` }];
  return [method, { ...operation, parameters }];
}
