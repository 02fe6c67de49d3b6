/** `/openapi.json` and the reference at `/docs`, which asks no other host for anything. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import swaggerStyles from "swagger-ui-dist/swagger-ui.css";
import swaggerScript from "swagger-ui-dist/swagger-ui-bundle.js";
import { type AppEnv, createRouter } from "../ingest/http.ts";
import { openApiText } from "./openapi.ts";
import { PAGE, PAGE_POLICY, START_SCRIPT, SWAGGER_VERSION } from "./page.ts";

const MINUTES_5 = "public, max-age=300";
const FOREVER = "public, max-age=31536000, immutable";

/** The document is made when it is first asked for: a Worker's start has no time for it. */
export function docsRoutes(app: OpenAPIHono<AppEnv>): OpenAPIHono<AppEnv> {
  let document: string | null = null;
  const routes = createRouter();
  routes.get("/openapi.json", () => {
    document ??= openApiText(app);
    return text(document, "application/json", MINUTES_5);
  });
  routes.get("/docs", () => {
    const page = text(PAGE, "text/html", MINUTES_5);
    page.headers.set("content-security-policy", PAGE_POLICY);
    return page;
  });
  routes.get("/docs/start.js", () => text(START_SCRIPT, "text/javascript", MINUTES_5));
  routes.get(`/docs/${SWAGGER_VERSION}/swagger-ui.js`, () => text(swaggerScript, "text/javascript", FOREVER));
  routes.get(`/docs/${SWAGGER_VERSION}/swagger-ui.css`, () => text(swaggerStyles, "text/css", FOREVER));
  return routes;
}

function text(body: string, type: string, cacheControl: string): Response {
  return new Response(body, {
    headers: {
      "content-type": `${type}; charset=utf-8`,
      "cache-control": cacheControl,
      "x-content-type-options": "nosniff",
    },
  });
}
