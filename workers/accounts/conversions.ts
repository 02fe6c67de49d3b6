/** Packs of an earlier product converted over HTTP, one at a time (rules, section 11). */
import { createRoute } from "@hono/zod-openapi";
import { accountParamsSchema, formatInstant, replayedHeadersSchema } from "../../shared/api/common.ts";
import {
  conversionsAnswer,
  conversionsSchema,
  convertedSchema,
  convertSchema,
} from "../../shared/api/conversions.ts";
import { afterwards, ownedPackAnswer } from "../../shared/api/packs.ts";
import { conversionTables } from "../../shared/credits/catalog.ts";
import { type LookUpRefusal, lookUpSize } from "../../shared/credits/conversion-tables.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  accountStub,
  createRouter,
  found,
  invalidField,
  jsonBody,
  jsonContent,
  problemResponses,
} from "../ingest/http.ts";
import { loadCatalog } from "../operator/catalog.ts";
import { follow, settleNow } from "./commands.ts";
import { idempotencyHeaders, idempotencyKeyOf } from "./idempotency.ts";

const tags = ["Conversions"];

const convert = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/conversions",
  operationId: "convertPacks",
  tags,
  summary: "Convert packs of an earlier product",
  description:
    "By the catalogue's table. They add monthly credits until the term ends; without a price there is no invoice. As the account's first packs they begin the term and set pause.",
  middleware: [requireScope("admin")] as const,
  request: { params: accountParamsSchema, headers: idempotencyHeaders, body: jsonBody(convertSchema) },
  responses: {
    201: {
      ...jsonContent(convertedSchema, "what they became, and what the account has now"),
      headers: replayedHeadersSchema,
    },
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const list = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/conversions",
  operationId: "listConversions",
  tags,
  summary: "List converted packs, those that wait for their time too",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: jsonContent(conversionsSchema, "the conversions of the running term"),
    ...problemResponses(401, 403, 404, 422),
  },
});

/** What is wrong with a size or edition, in words that follow the name of its field. */
export function lookUpText(refusal: LookUpRefusal): { readonly field: string; readonly message: string } {
  switch (refusal.kind) {
    case "unknown_edition": {
      const known = refusal.editions.join(", ") || "none";
      return { field: "edition", message: `no table "${refusal.edition}"; the catalogue has: ${known}` };
    }
    case "unknown_size": {
      const known = refusal.sizes.join(", ");
      const message = `${refusal.size} is not in the table "${refusal.edition}", which has: ${known}`;
      return { field: "size", message };
    }
  }
}

export const conversionRoutes = createRouter()
  .openapi(convert, async (context) => {
    const { account } = context.req.valid("param");
    const {
      size,
      quantity,
      edition = null,
      termPeriods = null,
      effectiveAt,
      price,
    } = context.req.valid("json");
    const looked = lookUpSize(conversionTables(await loadCatalog(context.env.DB)), edition, size);
    if (looked.kind !== "found") {
      const { field, message } = lookUpText(looked);
      throw invalidField(field, message, looked.kind);
    }
    const view = found(await accountStub(context, account).view(context.var.callContext), account);
    const { value, balance, replayed } = await follow(
      context,
      account,
      {
        kind: "convert",
        size,
        quantity,
        creditsMicros: looked.creditsMicros,
        price: price ?? { amountMinor: 0, currency: view.terms.currency },
        termPeriods,
        effectiveAtMs: effectiveAt ?? null,
      },
      idempotencyKeyOf(context.req.valid("header")),
    );
    if (value.price.amountMinor > 0) await settleNow(context, account);
    return context.json(
      {
        replayed,
        converted: ownedPackAnswer(value),
        effectiveAt: formatInstant(value.addedAtMs),
        ...afterwards(balance),
      },
      201,
    );
  })
  .openapi(list, async (context) => {
    const { account } = context.req.valid("param");
    const { balance } = found(await accountStub(context, account).view(context.var.callContext), account);
    return context.json({ data: conversionsAnswer(balance), nextCursor: null }, 200);
  });
