/** Packs over HTTP: bought, listed, not renewed or renewed otherwise, cancelled (rules, sections 5.2, 5.3, 5.10). */
import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { accountParamsSchema, formatInstant, replayedHeadersSchema } from "../../shared/api/common.ts";
import {
  afterwards,
  boughtPackSchema,
  buyPackSchema,
  cancelledPackSchema,
  cancelPackSchema,
  changedRenewalSchema,
  changeRenewalSchema,
  ownedPackAnswer,
  ownedPacksSchema,
  packParamsSchema,
  packsOnSaleAnswer,
  termAnswer,
} from "../../shared/api/packs.ts";
import type { ChangeRenewal } from "../../shared/credits/packs.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  type AppEnv,
  accountStub,
  createRouter,
  found,
  jsonBody,
  jsonContent,
  problemResponses,
} from "../ingest/http.ts";
import { loadCatalog } from "../operator/catalog.ts";
import { follow, settleNow } from "./commands.ts";
import { idempotencyHeaders, idempotencyKeyOf } from "./idempotency.ts";

const tags = ["Packs and settings"];

const buy = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/packs",
  operationId: "buyPack",
  tags,
  summary: "Buy a pack",
  description:
    "Its credits count at once, its invoice is there with the answer. The first pack begins the commitment term.",
  middleware: [requireScope("admin")] as const,
  request: { params: accountParamsSchema, headers: idempotencyHeaders, body: jsonBody(buyPackSchema) },
  responses: {
    201: {
      ...jsonContent(boughtPackSchema, "what was bought, and what the account has now"),
      headers: replayedHeadersSchema,
    },
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const list = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/packs",
  operationId: "listPacks",
  tags,
  summary: "List the packs that an account has, with its term and what becomes of them, and those it may buy",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: jsonContent(ownedPacksSchema, "its packs, oldest first, and what is on sale"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const patch = createRoute({
  method: "patch",
  path: "/v1/accounts/{account}/packs/{pack}",
  operationId: "changePackRenewal",
  tags,
  summary: "Say what a bought pack renews to",
  description:
    "Fewer or smaller packs from the next term on, at the price then current; the running term stays as it is.",
  middleware: [requireScope("admin")] as const,
  request: { params: packParamsSchema, body: jsonBody(changeRenewalSchema) },
  responses: {
    200: jsonContent(changedRenewalSchema, "the pack, and when it changes"),
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const remove = createRoute({
  method: "delete",
  path: "/v1/accounts/{account}/packs/{pack}",
  operationId: "endPackRenewal",
  tags,
  summary: "Do not renew a bought pack",
  description: "It stays until the term ends.",
  middleware: [requireScope("admin")] as const,
  request: { params: packParamsSchema },
  responses: {
    200: jsonContent(changedRenewalSchema, "the pack, and when it ends"),
    ...problemResponses(401, 403, 404, 409, 422),
  },
});

const cancel = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/packs/{pack}/cancel",
  operationId: "cancelPack",
  tags,
  summary: "Take back a purchase or an automatic upgrade of the open period",
  description:
    "With a credit note, which is there with the answer. Used credits stay: the limit falls, not below what was used.",
  middleware: [requireScope("admin")] as const,
  request: { params: packParamsSchema, headers: idempotencyHeaders, body: jsonBody(cancelPackSchema) },
  responses: {
    200: {
      ...jsonContent(cancelledPackSchema, "what was cancelled, and what the account has now"),
      headers: replayedHeadersSchema,
    },
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

async function renew(context: Context<AppEnv>, account: string, change: ChangeRenewal) {
  const { value, balance } = await follow(context, account, { kind: "change_renewal", ...change });
  const endMs = balance.term?.endMs;
  if (endMs === undefined) throw new Error("an account with packs has a term");
  return { pack: ownedPackAnswer(value), effectiveAt: formatInstant(endMs) };
}

export const packRoutes = createRouter()
  .openapi(buy, async (context) => {
    const { account } = context.req.valid("param");
    const { pack, quantity, overageSetting: setting, maximum: maximumMicros } = context.req.valid("json");
    const key = idempotencyKeyOf(context.req.valid("header"));
    const command = { kind: "buy_pack", pack, quantity, setting, maximumMicros } as const;
    const { value, balance, replayed } = await follow(context, account, command, key);
    await settleNow(context, account);
    return context.json({ replayed, bought: ownedPackAnswer(value), ...afterwards(balance) }, 201);
  })
  .openapi(list, async (context) => {
    const { account } = context.req.valid("param");
    const [view, catalog] = await Promise.all([
      accountStub(context, account).view(context.var.callContext),
      loadCatalog(context.env.DB),
    ]);
    const { balance } = found(view, account);
    const data = balance.packs.map(ownedPackAnswer);
    const onSale = packsOnSaleAnswer(catalog, balance.currency);
    return context.json({ data, term: termAnswer(balance.term), onSale, nextCursor: null }, 200);
  })
  .openapi(patch, async (context) => {
    const { account, pack: id } = context.req.valid("param");
    const { pack, quantity } = context.req.valid("json").renewal;
    return context.json(await renew(context, account, { id, pack, quantity }), 200);
  })
  .openapi(remove, async (context) => {
    const { account, pack: id } = context.req.valid("param");
    return context.json(await renew(context, account, { id, quantity: 0 }), 200);
  })
  .openapi(cancel, async (context) => {
    const { account, pack: id } = context.req.valid("param");
    const { quantity = null, reason } = context.req.valid("json");
    const key = idempotencyKeyOf(context.req.valid("header"));
    const command = { kind: "cancel_pack", id, quantity, reason } as const;
    const { value, balance, replayed } = await follow(context, account, command, key);
    await settleNow(context, account);
    return context.json({ replayed, cancelled: ownedPackAnswer(value), ...afterwards(balance) }, 200);
  });
