/** Buying packs and choosing what happens at the limit (rules, sections 5.1, 5.2 and 5.7-5.9). */
import { createRoute, z } from "@hono/zod-openapi";
import { balanceSummaryAnswer } from "../../shared/api/answers.ts";
import { accountParamsSchema, referenceSchema, replayedHeadersSchema } from "../../shared/api/common.ts";
import {
  boughtPackSchema,
  buyPackSchema,
  changedSettingsSchema,
  changeSettingsSchema,
  ownedPackAnswer,
  ownedPacksSchema,
  settingsAnswer,
  settingsSchema,
} from "../../shared/api/settings.ts";
import type { SettingsResult, SettingsView } from "../../shared/protocol.ts";
import { requireScope } from "./auth.ts";
import {
  accountStub,
  createRouter,
  found,
  invalidField,
  jsonBody,
  jsonContent,
  ProblemError,
  problemResponses,
} from "./http.ts";

const tags = ["Packs and settings"];
const purchaseHeaders = z.object({
  "idempotency-key": referenceSchema.optional().openapi({
    description: "repeating the purchase under this key answers as the first time and buys nothing",
  }),
});

const buy = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/packs",
  operationId: "buyPack",
  tags,
  summary: "Buy a pack",
  description: "Its credits count at once. Needs the scope admin.",
  middleware: [requireScope("admin")] as const,
  request: { params: accountParamsSchema, headers: purchaseHeaders, body: jsonBody(buyPackSchema) },
  responses: {
    201: {
      ...jsonContent(boughtPackSchema, "what was bought, and what the account has now"),
      headers: replayedHeadersSchema,
    },
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const listPacks = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/packs",
  operationId: "listPacks",
  tags,
  summary: "List the packs that an account has",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: jsonContent(ownedPacksSchema, "its packs, oldest first"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const readSettings = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/settings",
  operationId: "getSettings",
  tags,
  summary: "Read overage setting and maximum",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: jsonContent(settingsSchema, "the settings"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const putSettings = createRoute({
  method: "put",
  path: "/v1/accounts/{account}/settings",
  operationId: "changeSettings",
  tags,
  summary: "Choose overage setting, maximum or both",
  description:
    "A maximum applies at once; a setting too where nothing was used in the period, else at the reset. What is not named stays. Needs the scope admin.",
  middleware: [requireScope("admin")] as const,
  request: { params: accountParamsSchema, body: jsonBody(changeSettingsSchema) },
  responses: {
    200: jsonContent(changedSettingsSchema, "the settings, and when the change takes effect"),
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const dropPending = createRoute({
  method: "delete",
  path: "/v1/accounts/{account}/settings/pending",
  operationId: "dropPendingSetting",
  tags,
  summary: "Drop the change of setting that waits for the reset",
  description: "Nothing happens where none waits. Needs the scope admin.",
  middleware: [requireScope("admin")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: jsonContent(settingsSchema, "the settings"),
    ...problemResponses(401, 403, 404, 422),
  },
});

/** The account's settings, or the problem that says why they are not as asked. */
function settled(result: SettingsResult, accountId: string): SettingsView {
  const answer = found(result, accountId);
  switch (answer.kind) {
    case "settings":
      return answer;
    case "packs_required":
      throw new ProblemError(409, answer.kind, "an account without packs stays in pause; buy a pack first");
    case "overage_price_missing": {
      const detail = `no overage price in ${answer.currency}: add one to the catalogue or to the account`;
      throw new ProblemError(409, answer.kind, detail);
    }
    case "idempotency_conflict": {
      const detail = `Idempotency-Key "${answer.id}" was used for another purchase; take a new one`;
      throw new ProblemError(409, answer.kind, detail);
    }
    case "unknown_pack": {
      const known = answer.packs.join(", ") || "none";
      throw invalidField("pack", `unknown pack "${answer.pack}"; the catalogue has: ${known}`, answer.kind);
    }
    case "pack_not_on_sale":
      throw invalidField("pack", `"${answer.pack}" is not on sale in ${answer.currency}`, answer.kind);
    case "not_first_pack":
      throw invalidField(answer.field, "only with the first pack; use PUT …/settings", answer.kind);
    case "limit_too_large":
      throw invalidField("quantity", "the limit would pass 8,000,000,000 credits", answer.kind);
  }
}

export const packAndSettingRoutes = createRouter()
  .openapi(buy, async (context) => {
    const { account } = context.req.valid("param");
    const { pack, quantity, overageSetting, maximum } = context.req.valid("json");
    const idempotencyKey = context.req.valid("header")["idempotency-key"] ?? null;
    const command = { pack, quantity, setting: overageSetting, maximumMicros: maximum };
    const { callContext } = context.var;
    const view = settled(
      await accountStub(context, account).buyPack(command, idempotencyKey, callContext),
      account,
    );
    if (view.bought === null) throw new Error("a purchase answers with what was bought");
    if (view.replayed) context.header("Idempotent-Replayed", "true");
    return context.json(
      {
        replayed: view.replayed,
        bought: ownedPackAnswer(view.bought),
        settings: settingsAnswer(view.balance),
        balance: balanceSummaryAnswer(view.balance),
      },
      201,
    );
  })
  .openapi(listPacks, async (context) => {
    const { account } = context.req.valid("param");
    const { balance } = found(await accountStub(context, account).view(context.var.callContext), account);
    return context.json({ data: balance.packs.map(ownedPackAnswer), nextCursor: null }, 200);
  })
  .openapi(readSettings, async (context) => {
    const { account } = context.req.valid("param");
    const { balance } = found(await accountStub(context, account).view(context.var.callContext), account);
    return context.json(settingsAnswer(balance), 200);
  })
  .openapi(putSettings, async (context) => {
    const { account } = context.req.valid("param");
    const { overageSetting: setting, maximum: maximumMicros } = context.req.valid("json");
    const stub = accountStub(context, account);
    const command = { setting, maximumMicros };
    const { balance } = settled(await stub.changeSettings(command, context.var.callContext), account);
    const settings = settingsAnswer(balance);
    const waits = setting !== undefined && settings.pending?.overageSetting === setting;
    return context.json(
      {
        ...settings,
        effective: waits ? ("at_reset" as const) : ("now" as const),
        effectiveAt: waits ? (settings.pending?.effectiveAt ?? null) : null,
      },
      200,
    );
  })
  .openapi(dropPending, async (context) => {
    const { account } = context.req.valid("param");
    const { balance } = settled(
      await accountStub(context, account).cancelPendingSetting(context.var.callContext),
      account,
    );
    return context.json(settingsAnswer(balance), 200);
  });
