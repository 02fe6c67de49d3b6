/** What past usage would have cost under a draft or another version, before it is published (rules, 8.5). */
import { createRoute } from "@hono/zod-openapi";
import { quotedRatesSchema, quoteRatesSchema, repricedAnswer } from "../../shared/api/rate-quotes.ts";
import { toFeatures } from "../../shared/api/rate-sheets.ts";
import { addUp } from "../../shared/reports/reprice.ts";
import { requireScope } from "../ingest/auth.ts";
import { createRouter, jsonBody, jsonContent, problemResponses } from "../ingest/http.ts";
import { type QuoteLimits, quoteAccounts } from "./quote-accounts.ts";
import { foundVersion } from "./rate-timeline.ts";

const LIMITS: QuoteLimits = { entries: 200_000, queries: 800 };

const quote = createRoute({
  method: "post",
  path: "/v1/rate-sheets/quote",
  operationId: "quoteRateSheet",
  tags: ["Rate sheets"],
  summary: "Say what past usage would have cost under a draft or another version",
  description: `Every entry of the range is priced again, exactly; nothing is published. At most ${LIMITS.entries} entries at once. An account's own rates price what they priced then.`,
  middleware: [requireScope("read")] as const,
  request: { body: jsonBody(quoteRatesSchema) },
  responses: {
    200: jsonContent(
      quotedRatesSchema,
      "booked and draft credits, in all and by account, feature and action",
    ),
    ...problemResponses(400, 401, 403, 404, 413, 415, 422),
  },
});

export const quoteRoutes = createRouter().openapi(quote, async (context) => {
  const { features, version = null, accounts, from, to } = context.req.valid("json");
  const draft =
    features === undefined
      ? (await foundVersion(context.env.DB, version ?? 0)).features
      : toFeatures(features);
  const asked = from === undefined ? null : ({ kind: "days", from, to } as const);
  const request = { accounts, features: draft, asked };
  const { caller, callContext } = context.var;
  const asking = { mode: caller.mode, callContext };
  const quotes = await quoteAccounts(context.env, asking, request, LIMITS);
  return context.json(
    {
      version,
      ...repricedAnswer(addUp(quotes.map(({ repriced }) => repriced))),
      accounts: quotes.map(({ account, range, entries, repriced }) => ({
        account,
        ...range.days,
        period: range.period,
        entries,
        ...repricedAnswer(repriced),
      })),
    },
    200,
  );
});
