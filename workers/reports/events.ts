/** What became of an event's id (rules, section 4). */
import { createRoute } from "@hono/zod-openapi";
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { eventFateAnswer, eventFateSchema } from "../../shared/api/event-fates.ts";
import { eventParamsSchema } from "../../shared/api/reports.ts";
import type { Asked } from "../../shared/credits/permissions.ts";
import type { Feature } from "../../shared/credits/rates.ts";
import { rateSheets } from "../../shared/db/schema.ts";
import type { EventFate, PricedBy } from "../../shared/protocol.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  accountStub,
  createRouter,
  found,
  jsonContent,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { callerMay } from "../people/permissions.ts";

const eventRoute = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/events/{id}",
  operationId: "getEvent",
  tags: ["Reports"],
  summary: "Say what became of an event's id",
  description:
    "With its entry and its parts, the rates that priced it, its hold, corrections and outcome. For a user who sees only some of the usage it is 404 where the event is none of it.",
  middleware: [requireScope("read")] as const,
  request: { params: eventParamsSchema },
  responses: {
    200: jsonContent(eventFateSchema, "what became of it"),
    ...problemResponses(401, 403, 404, 422),
  },
});

export const eventRoutes = createRouter().openapi(eventRoute, async (context) => {
  const { account, id } = context.req.valid("param");
  const fate = found(await accountStub(context, account).fate(id, context.var.callContext), account);
  if (!callerMay(context, "see_usage", subjectOf(fate))) {
    // As if there were none: whether another's id was used is none of the user's business.
    throw new ProblemError(404, "unknown_event", `no event "${id}" of this user`);
  }
  return context.json(eventFateAnswer(id, fate, await pricedBy(context.env.DB, fate)), 200);
});

/** Whose use it is, and of what. */
function subjectOf(fate: EventFate): Asked {
  if (fate.kind === "unknown") return {};
  const { user, feature } = fate.kind === "booked" ? fate.entry : fate.hold.event;
  return { user, feature };
}

/** The rates that priced it; D1 keeps versions that the account no longer needs. */
async function pricedBy(database: D1Database, fate: EventFate): Promise<PricedBy | null> {
  if (fate.kind === "unknown" || fate.pricedBy === null || fate.pricedBy.feature !== null) {
    return fate.kind === "unknown" ? null : fate.pricedBy;
  }
  const [version, feature] =
    fate.kind === "booked"
      ? [fate.entry.rateVersion, fate.entry.feature]
      : [fate.hold.rateVersion, fate.hold.event.feature];
  return { ...fate.pricedBy, feature: await featureOf(database, version, feature) };
}

async function featureOf(database: D1Database, version: number, feature: string): Promise<Feature | null> {
  const [sheet] = await drizzle(database)
    .select({ features: rateSheets.features })
    .from(rateSheets)
    .where(eq(rateSheets.version, version));
  return sheet?.features.find((candidate) => candidate.feature === feature) ?? null;
}
