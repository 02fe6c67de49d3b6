/** The catalogue as a whole document (rules, sections 2.1, 5, 6.1 and 7.1). */
import { createRoute } from "@hono/zod-openapi";
import { drizzle } from "drizzle-orm/d1";
import { catalogAnswer, catalogSchema, toCatalog } from "../../shared/api/catalog.ts";
import type { Catalog } from "../../shared/credits/catalog.ts";
import { operator } from "../../shared/db/schema.ts";
import { OPERATOR_LOG, recordChange } from "../audit/record.ts";
import { forgetGate, requireScope } from "../ingest/auth.ts";
import { createRouter, jsonBody, jsonContent, problemResponses, refuseTestKey } from "../ingest/http.ts";
import { NEXT_REVISION } from "./revision.ts";

const tags = ["Catalogue"];

const read = createRoute({
  method: "get",
  path: "/v1/catalog",
  operationId: "getCatalog",
  tags,
  summary: "Read the catalogue",
  middleware: [requireScope("read")] as const,
  responses: { 200: jsonContent(catalogSchema, "the catalogue"), ...problemResponses(401, 403, 422) },
});

const replace = createRoute({
  method: "put",
  path: "/v1/catalog",
  operationId: "replaceCatalog",
  tags,
  summary: "Replace the catalogue",
  description:
    "The whole document; what is left out takes its default. Accounts keep the plans and packs that they have as agreed then; what is sold from now on follows the new catalogue.",
  middleware: [requireScope("admin")] as const,
  request: { body: jsonBody(catalogSchema) },
  responses: {
    200: jsonContent(catalogSchema, "the catalogue now"),
    ...problemResponses(400, 401, 403, 413, 415, 422),
  },
});

export async function loadCatalog(database: D1Database): Promise<Catalog> {
  const [row] = await drizzle(database).select({ catalog: operator.catalog }).from(operator);
  if (row === undefined) throw new Error("D1 lacks the operator's row: apply the migrations");
  return row.catalog;
}

export const catalogRoutes = createRouter()
  .openapi(read, async (context) => context.json(catalogAnswer(await loadCatalog(context.env.DB)), 200))
  .openapi(replace, async (context) => {
    refuseTestKey(context);
    const catalog = toCatalog(context.req.valid("json"));
    const before = await loadCatalog(context.env.DB);
    const db = drizzle(context.env.DB);
    const changed = { action: "catalog_replaced", target: "", before, after: catalog };
    await db.batch([
      db.update(operator).set({ catalog, revision: NEXT_REVISION }),
      recordChange(db, context, OPERATOR_LOG, changed),
    ]);
    forgetGate();
    return context.json(catalogAnswer(catalog), 200);
  });
