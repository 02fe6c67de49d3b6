/** Rates agreed with one account, in versions (rules, sections 8.4 and 8.5). The price list shows what they come to. */
import { createRoute, type z } from "@hono/zod-openapi";
import {
  accountRateParamsSchema,
  accountRatesAnswer,
  accountRatesSchema,
  accountRateVersionsSchema,
  setAccountRatesSchema,
  toAccountRates,
} from "../../shared/api/account-rates.ts";
import { accountParamsSchema, formatInstant } from "../../shared/api/common.ts";
import { withdrawQuerySchema } from "../../shared/api/rate-sheets.ts";
import { accountRatesAt } from "../../shared/credits/account-rates.ts";
import { type RateSheet, rateSheetAt } from "../../shared/credits/rates.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  accountStub,
  createRouter,
  found,
  jsonBody,
  jsonContent,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { loadOffer } from "../offer.ts";
import { follow } from "./commands.ts";

/** An account keeps in one row what is in force, what was within 35 days, and what lies ahead. */
const VERSIONS_MAX = 20;

const tags = ["Own rates"];

const put = createRoute({
  method: "put",
  path: "/v1/accounts/{account}/rates",
  operationId: "setAccountRates",
  tags,
  summary: "Publish the next version of an account's own rates",
  description:
    "They override the rate sheet, action by action. A version that raises a price takes effect at least 30 days later; less needs shortNotice. The account's admins are told.",
  middleware: [requireScope("admin")] as const,
  request: { params: accountParamsSchema, body: jsonBody(setAccountRatesSchema) },
  responses: {
    200: jsonContent(accountRatesSchema, "the version published"),
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const list = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/rates/versions",
  operationId: "listAccountRates",
  tags,
  summary: "List the versions of an account's own rates",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: jsonContent(
      accountRateVersionsSchema,
      "those that may still count, in the order in which they take effect",
    ),
    ...problemResponses(401, 403, 404, 422),
  },
});

const withdraw = createRoute({
  method: "delete",
  path: "/v1/accounts/{account}/rates/versions/{version}",
  operationId: "withdrawAccountRates",
  tags,
  summary: "Withdraw a version that is not in force yet",
  description:
    "The account's admins are told. Where a later version then raises a price within 30 days, shortNotice=true asks for it explicitly.",
  middleware: [requireScope("admin")] as const,
  request: { params: accountRateParamsSchema, query: withdrawQuerySchema },
  responses: {
    200: jsonContent(accountRatesSchema, "the version withdrawn"),
    ...problemResponses(401, 403, 404, 409, 422),
  },
});

type Asked = z.infer<typeof setAccountRatesSchema>["rates"];

/** Rates are for what the sheet of then has; a name that it lacks would be agreed on and never count. */
function refuseUnknown(rates: Asked, sheets: readonly RateSheet[], atMs: number): void {
  const sheet = rateSheetAt(sheets, atMs);
  if (sheet === null) {
    const detail = `no rate sheet is in force at ${formatInstant(atMs)}; publish one with POST /v1/rate-sheets`;
    throw new ProblemError(409, "no_rate_sheet", detail);
  }
  const errors = rates.flatMap(({ feature, action }, index) => {
    const known = sheet.features.find((candidate) => candidate.feature === feature);
    if (known === undefined) {
      return [{ path: `rates.${index}.feature`, message: `version ${sheet.version} has no "${feature}"` }];
    }
    const actions = known.actions.map((rate) => rate.action);
    const message = `no action "${action}"; "${feature}" has ${actions.join(", ")}`;
    return actions.includes(action) ? [] : [{ path: `rates.${index}.action`, message }];
  });
  if (errors.length === 0) return;
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
  throw new ProblemError(422, "unknown_rate", detail, errors);
}

export const ownRateRoutes = createRouter()
  .openapi(put, async (context) => {
    const { account } = context.req.valid("param");
    const { rates, effectiveAt: effectiveAtMs = null, shortNotice } = context.req.valid("json");
    const view = found(await accountStub(context, account).view(context.var.callContext), account);
    const { rateSheets } = await loadOffer(context.env.DB, view.nowMs);
    refuseUnknown(rates, rateSheets, effectiveAtMs ?? view.nowMs);
    if (view.directory.rates.length >= VERSIONS_MAX) {
      const detail = `${VERSIONS_MAX} versions may still count; withdraw one that is not in force yet, or wait`;
      throw new ProblemError(409, "too_many_versions", detail);
    }
    const command = { kind: "set_rates", rates: toAccountRates(rates), effectiveAtMs, shortNotice } as const;
    const { value, directory } = await follow(context, account, command);
    const inForce = accountRatesAt(directory.rates, Math.max(view.nowMs, value.publishedAtMs));
    return context.json(accountRatesAnswer(value, inForce), 200);
  })
  .openapi(list, async (context) => {
    const { account } = context.req.valid("param");
    const view = found(await accountStub(context, account).view(context.var.callContext), account);
    const { rates } = view.directory;
    const inForce = accountRatesAt(rates, view.nowMs);
    const data = rates.map((version) => accountRatesAnswer(version, inForce));
    return context.json({ data, nextCursor: null }, 200);
  })
  .openapi(withdraw, async (context) => {
    const { account, version } = context.req.valid("param");
    const { shortNotice } = context.req.valid("query");
    const { value } = await follow(context, account, { kind: "withdraw_rates", version, shortNotice });
    return context.json(accountRatesAnswer(value, null), 200);
  });
