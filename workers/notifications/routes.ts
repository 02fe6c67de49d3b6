/** What an account was told and what is shown on its pages (rules, 6.3 and 6.5). */
import { createRoute } from "@hono/zod-openapi";
import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { bannersQuerySchema, bannersSchema, dismissBannerSchema } from "../../shared/api/banners.ts";
import { accountParamsSchema, pageSchema } from "../../shared/api/common.ts";
import {
  formatCursor,
  notificationSchema,
  notificationsQuerySchema,
  pingPayloadSchema,
  webhookPayloadSchema,
} from "../../shared/api/notifications.ts";
import { BANNER_AUDIENCES, type Banner, bannersOf } from "../../shared/credits/banners.ts";
import { rateSheetAt } from "../../shared/credits/rates.ts";
import { bannerDismissals } from "../../shared/db/schema.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  accountKey,
  accountStub,
  createRouter,
  found,
  jsonBody,
  jsonContent,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { pageOf, rowsFor } from "../ingest/page.ts";
import { loadOffer } from "../offer.ts";
import { callerMay } from "../people/permissions.ts";
import { bannerAnswer, notificationAnswer } from "./answers.ts";
import { type Listed, listNotifications } from "./list.ts";

const tags = ["Notifications"];

const listRoute = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/notifications",
  operationId: "listNotifications",
  tags,
  summary: "List notifications with their deliveries, newest first",
  description: "Complete at once: a notification is listed as soon as the use that caused it is answered.",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: notificationsQuerySchema },
  responses: {
    200: jsonContent(pageSchema(notificationSchema, "Notifications"), "a page of notifications"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const bannersRoute = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/banners",
  operationId: "listBanners",
  tags,
  summary: "Read the banners that are true now",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: bannersQuerySchema },
  responses: {
    200: jsonContent(bannersSchema, "the banners, without those that the user dismissed"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const dismissRoute = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/banners/dismiss",
  operationId: "dismissBanner",
  tags,
  summary: "Dismiss a banner for one user",
  description: "It stays dismissed while it says the same; a further threshold is another banner.",
  middleware: [requireScope("admin")] as const,
  request: { params: accountParamsSchema, body: jsonBody(dismissBannerSchema) },
  responses: {
    204: { description: "dismissed, perhaps earlier already" },
    ...problemResponses(400, 401, 403, 404, 413, 415, 422),
  },
});

export const notificationRoutes = createRouter()
  .openapi(listRoute, async (context) => {
    const { account } = context.req.valid("param");
    const { limit, cursor } = context.req.valid("query");
    const view = found(await accountStub(context, account).view(context.var.callContext), account);
    const key = accountKey(context, account);
    const page = await listNotifications(context.env.DB, key, view.notices, { rows: rowsFor(limit), cursor });
    const reader = {
      mode: context.var.caller.mode,
      accountName: page.accountName ?? account,
      timeZone: view.terms.timeZone,
    };
    const cursorOf = ({ notificationId, content }: Listed) =>
      formatCursor({ atMs: content.atMs, name: notificationId.slice(key.length + 1) });
    const itemOf = (listed: Listed) =>
      notificationAnswer(listed, page.deliveries.get(listed.notificationId) ?? [], reader);
    return context.json(pageOf(page.listed, limit, cursorOf, itemOf), 200);
  })
  .openapi(bannersRoute, async (context) => {
    const { account } = context.req.valid("param");
    const { user, audience } = context.req.valid("query");
    const view = found(await accountStub(context, account).view(context.var.callContext), account);
    const mayAsk = callerMay(context, "see_money");
    const banners = bannersOf(view.balance, view.noticePercentages, mayAsk ? audience : "member");
    const [dismissed, nameOf] = await Promise.all([
      user === undefined || banners.length === 0
        ? new Set()
        : dismissedBy(context.env.DB, accountKey(context, account), user),
      namesFor(context.env.DB, banners, view.nowMs),
    ]);
    const shown = banners.filter((banner) => !dismissed.has(banner.id));
    const { timeZone } = view.terms;
    return context.json({ data: shown.map((banner) => bannerAnswer(banner, timeZone, nameOf)) }, 200);
  })
  .openapi(dismissRoute, async (context) => {
    const { account } = context.req.valid("param");
    const { user, banner } = context.req.valid("json");
    const view = found(await accountStub(context, account).view(context.var.callContext), account);
    const isTrue = BANNER_AUDIENCES.some((audience) =>
      bannersOf(view.balance, view.noticePercentages, audience).some(({ id }) => id === banner),
    );
    if (!isTrue) {
      throw new ProblemError(
        404,
        "banner_not_found",
        `no banner "${banner}" is true now; read them with GET /v1/accounts/${account}/banners`,
      );
    }
    await drizzle(context.env.DB)
      .insert(bannerDismissals)
      .values({ accountKey: accountKey(context, account), userId: user, bannerId: banner })
      .onConflictDoNothing();
    return context.body(null, 204);
  });

notificationRoutes.openAPIRegistry.registerWebhook({
  method: "post",
  path: "notification",
  tags,
  security: [],
  summary: "A notification, sent to every webhook endpoint of its mode",
  description:
    "Signed as Standard Webhooks says, sent at least once with the same webhook-id, and tried again for about a day until the endpoint answers 2xx within 10 s; redirects are not followed.",
  request: { body: jsonBody(webhookPayloadSchema) },
  responses: { "2XX": { description: "taken" } },
});

notificationRoutes.openAPIRegistry.registerWebhook({
  method: "post",
  path: "ping",
  tags,
  security: [],
  summary: "A test ping, sent when an operator asks for it",
  description: "Signed like a notification and sent once; it tells of no account.",
  request: { body: jsonBody(pingPayloadSchema) },
  responses: { "2XX": { description: "taken" } },
});

/** What people call the features that banners name: as the rate sheet in force has them, else by their ids. */
async function namesFor(
  database: D1Database,
  banners: readonly Banner[],
  nowMs: number,
): Promise<(feature: string) => string> {
  if (!banners.some(({ kind }) => kind === "feature_paused")) return (feature) => feature;
  const { rateSheets } = await loadOffer(database, nowMs);
  const features = rateSheetAt(rateSheets, nowMs)?.features ?? [];
  const names = new Map(features.map(({ feature, name }) => [feature, name]));
  return (feature) => names.get(feature) ?? feature;
}

async function dismissedBy(database: D1Database, key: string, userId: string): Promise<ReadonlySet<string>> {
  const rows = await drizzle(database)
    .select({ bannerId: bannerDismissals.bannerId })
    .from(bannerDismissals)
    .where(and(eq(bannerDismissals.accountKey, key), eq(bannerDismissals.userId, userId)));
  return new Set(rows.map((row) => row.bannerId));
}
