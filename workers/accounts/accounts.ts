/**
 * Accounts (rules, section 2): opened, read, changed. D1 keeps the profile and decides who was first to open
 * an id; the account itself keeps the terms and decides with them. Each step may be repeated after a failure.
 */
import { createRoute, type z } from "@hono/zod-openapi";
import {
  accountSchema,
  createAccountSchema,
  hourlyValueError,
  patchAccountSchema,
} from "../../shared/api/accounts.ts";
import { accountParamsSchema, creditPriceError } from "../../shared/api/common.ts";
import type { ChangeTerms } from "../../shared/credits/terms.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  accountKey,
  accountNotFound,
  accountStub,
  createRouter,
  found,
  invalidField,
  jsonBody,
  jsonContent,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { loadCatalog } from "../operator/catalog.ts";
import { accountAnswer } from "./answers.ts";
import { follow } from "./commands.ts";
import { accountClosed } from "./refusals.ts";
import { changeRow, findRow, insertRow } from "./rows.ts";
import { resolvePlans, sameAccount } from "./terms.ts";

const tags = ["Accounts"];

const create = createRoute({
  method: "post",
  path: "/v1/accounts",
  operationId: "openAccount",
  tags,
  summary: "Open an account",
  description:
    "Repeating it with the same body answers 200 with the account. It begins with the included credits of its plans as the catalogue has them now.",
  middleware: [requireScope("admin")] as const,
  request: { body: jsonBody(createAccountSchema) },
  responses: {
    200: jsonContent(accountSchema, "the account was open already, as the body says"),
    201: jsonContent(accountSchema, "the account, now open"),
    ...problemResponses(400, 401, 403, 409, 413, 415, 422),
  },
});

const read = createRoute({
  method: "get",
  path: "/v1/accounts/{account}",
  operationId: "getAccount",
  tags,
  summary: "Read an account",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema },
  responses: { 200: jsonContent(accountSchema, "the account"), ...problemResponses(401, 403, 404, 422) },
});

const patch = createRoute({
  method: "patch",
  path: "/v1/accounts/{account}",
  operationId: "changeAccount",
  tags,
  summary: "Change an account",
  description:
    "What is not named stays. More included credits apply at once, fewer at the reset, and so do a new anchor date and time zone; `pending` says what waits.",
  middleware: [requireScope("admin")] as const,
  request: { params: accountParamsSchema, body: jsonBody(patchAccountSchema) },
  responses: {
    200: jsonContent(accountSchema, "the account now"),
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

type PatchAccount = z.infer<typeof patchAccountSchema>;

/** The part of a change that the account decides with, plans resolved, and the part that D1 keeps. */
async function termsAndProfile(body: PatchAccount, database: D1Database) {
  const { plans, anchorDate, timeZone, overagePrice, automaticPacksMax, termPeriods, ...profile } = body;
  const change: ChangeTerms = {
    ...(plans === undefined ? {} : { plans: resolvePlans(plans, await loadCatalog(database)) }),
    ...(anchorDate === undefined ? {} : { anchorDate }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(overagePrice === undefined ? {} : { overagePrice }),
    ...(automaticPacksMax === undefined ? {} : { automaticPacksMax }),
    ...(termPeriods === undefined ? {} : { termPeriods }),
  };
  return { change, profile };
}

/** A body that changes amounts does not name the account's currency, which never changes. */
function refuseAmounts({ overagePrice, hourlyValue }: PatchAccount, currency: string): void {
  const price = typeof overagePrice === "string" ? creditPriceError(overagePrice, currency) : null;
  if (price !== null) throw invalidField("overagePrice", price);
  const value = hourlyValueError(hourlyValue ?? null, currency);
  if (value !== null) throw invalidField("hourlyValue.currency", value);
}

export const accountRoutes = createRouter()
  .openapi(create, async (context) => {
    const body = context.req.valid("json");
    const { DB } = context.env;
    const key = accountKey(context, body.account);
    const row = (await findRow(DB, key)) ?? (await insertRow(context, key, body));
    if (!sameAccount(body, row.account)) {
      const detail = `account "${body.account}" exists with other values; change it with PATCH`;
      throw new ProblemError(409, "account_exists", detail);
    }
    const stub = accountStub(context, body.account);
    const { callContext } = context.var;
    const opened = await stub.open(row.account.terms, row.clockNowMs, callContext);
    const view = found(await stub.terms(callContext), body.account);
    // Terms that differ have changed since it was opened: only D1 lets one body open an id.
    const created = opened.kind === "opened" && opened.created;
    return context.json(accountAnswer(row.account, view), created ? 201 : 200);
  })
  .openapi(read, async (context) => {
    const { account } = context.req.valid("param");
    const row = await findRow(context.env.DB, accountKey(context, account));
    if (row === null) throw accountNotFound(account);
    const view = found(await accountStub(context, account).terms(context.var.callContext), account);
    return context.json(accountAnswer(row.account, view), 200);
  })
  .openapi(patch, async (context) => {
    const { account } = context.req.valid("param");
    const { DB } = context.env;
    const key = accountKey(context, account);
    const known = await findRow(DB, key);
    if (known === null) throw accountNotFound(account);
    const body = context.req.valid("json");
    const { change, profile } = await termsAndProfile(body, DB);
    refuseAmounts(body, known.account.terms.currency);
    const stub = accountStub(context, account);
    const { callContext } = context.var;
    if (Object.keys(change).length > 0) await follow(context, account, { kind: "change_terms", change });
    const view = found(await stub.terms(callContext), account);
    if (view.status === "closed") throw accountClosed(account);
    const row = await changeRow(context, key, known.account.profile, profile, {
      ...view.terms,
      ...view.pendingTerms,
    });
    return context.json(accountAnswer(row, view), 200);
  });
