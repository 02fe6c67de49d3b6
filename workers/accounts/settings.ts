/** Overage setting and maximum over HTTP (rules, sections 5.1, 5.5 and 5.7-5.9). */
import { createRoute } from "@hono/zod-openapi";
import { accountParamsSchema } from "../../shared/api/common.ts";
import {
  changedSettingsSchema,
  changeSettingsSchema,
  currentSettingsAnswer,
  currentSettingsSchema,
  settingsAnswer,
  settingsSchema,
} from "../../shared/api/settings.ts";
import { requireScope } from "../ingest/auth.ts";
import { accountStub, createRouter, found, jsonBody, jsonContent, problemResponses } from "../ingest/http.ts";
import { follow } from "./commands.ts";

const tags = ["Packs and settings"];

const read = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/settings",
  operationId: "getSettings",
  tags,
  summary: "Read overage setting and maximum",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: jsonContent(currentSettingsSchema, "the settings, and what may be chosen"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const put = createRoute({
  method: "put",
  path: "/v1/accounts/{account}/settings",
  operationId: "changeSettings",
  tags,
  summary: "Choose overage setting, maximum or both",
  description:
    "A maximum applies at once; a setting too where nothing was used in the period, else at the reset. What is not named stays.",
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
  operationId: "cancelPendingSetting",
  tags,
  summary: "Drop the change of setting that waits for the reset",
  description: "Nothing happens where none waits.",
  middleware: [requireScope("admin")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: jsonContent(settingsSchema, "the settings"),
    ...problemResponses(401, 403, 404, 409, 422),
  },
});

export const settingRoutes = createRouter()
  .openapi(read, async (context) => {
    const { account } = context.req.valid("param");
    const { balance } = found(await accountStub(context, account).view(context.var.callContext), account);
    return context.json(currentSettingsAnswer(balance), 200);
  })
  .openapi(put, async (context) => {
    const { account } = context.req.valid("param");
    const { overageSetting: setting, maximum: maximumMicros } = context.req.valid("json");
    const command = { kind: "change_settings", setting, maximumMicros } as const;
    const { balance } = await follow(context, account, command);
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
    const { balance } = await follow(context, account, { kind: "cancel_pending_setting" });
    return context.json(settingsAnswer(balance), 200);
  });
