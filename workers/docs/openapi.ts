/** The OpenAPI 3.1 document, generated from the routes and their zod schemas. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { actorParameter } from "../../shared/api/actor.ts";
import { type AppEnv, SECURITY_SCHEME } from "../ingest/http.ts";
import { DESCRIPTION, TAGS } from "./introduction.ts";

const ACTOR = "Actor";
const USE_OF_CREDITS = /^\/v1\/(check|consume|events|holds)/;

/** Besides those that a route names; what fails on the way there is the same for all. */
const ANY_PROBLEM = {
  description: "Any other problem; a 5xx may be sent again, with the same id",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

interface Operation {
  readonly description?: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly unknown[];
  readonly responses?: object;
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** The document as JSON text. */
export function openApiText(app: OpenAPIHono<AppEnv>): string {
  app.openAPIRegistry.registerComponent("securitySchemes", SECURITY_SCHEME, {
    type: "http",
    scheme: "bearer",
    description: "an API key, such as dd_live_…; what a route lists is the scope that the key has to have",
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
    tags: TAGS.map(([name, description]) => ({ name, description })),
    security: [{ [SECURITY_SCHEME]: [] }],
  });
  return JSON.stringify({ ...document, paths: completed(paths as unknown as Paths) });
}

/** Every route with what it shares with others: its scope in words, the actor, problems that can come from anywhere. */
function completed(paths: Paths): Paths {
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [
      path,
      Object.fromEntries(
        Object.entries(item).map(([method, operation]) => {
          const named = withScope(operation);
          const acting = method === "get" || USE_OF_CREDITS.test(path) ? named : withActor(named);
          return [method, { ...acting, responses: { ...acting.responses, default: ANY_PROBLEM } }];
        }),
      ),
    ]),
  );
}

function withScope(operation: Operation): Operation {
  const [scope = ""] = operation.security?.[0]?.[SECURITY_SCHEME] ?? [];
  const texts = [operation.description, `Needs the scope \`${scope}\`.`];
  return { ...operation, description: texts.filter((text) => text !== undefined).join(" ") };
}

/** Every route that changes something takes the header, besides those that only use credits. */
function withActor(operation: Operation): Operation {
  const parameters = [...(operation.parameters ?? []), { $ref: `#/components/parameters/${ACTOR}` }];
  return { ...operation, parameters };
}
