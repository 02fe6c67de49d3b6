/** Suspending, resuming and closing an account over HTTP (rules, section 2.6). */
import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { accountSchema, statusReasonSchema } from "../../shared/api/accounts.ts";
import { accountParamsSchema } from "../../shared/api/common.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  type AppEnv,
  accountKey,
  accountNotFound,
  accountStub,
  createRouter,
  found,
  jsonBody,
  jsonContent,
  problemResponses,
} from "../ingest/http.ts";
import { accountAnswer } from "./answers.ts";
import { follow, settleNow } from "./commands.ts";
import { findRow } from "./rows.ts";

const tags = ["Accounts"];
const responses = {
  200: jsonContent(accountSchema, "the account now"),
  ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
};

const suspend = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/suspend",
  operationId: "suspendAccount",
  tags,
  summary: "Suspend an account",
  description:
    "All use is denied `account_suspended` until it is resumed, reads go on. Records are still booked, and periods still end. Suspended already: nothing changes.",
  middleware: [requireScope("admin")] as const,
  request: { params: accountParamsSchema, body: jsonBody(statusReasonSchema) },
  responses,
});

const resume = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/resume",
  operationId: "resumeAccount",
  tags,
  summary: "Resume a suspended account",
  description: "Not suspended: nothing changes.",
  middleware: [requireScope("admin")] as const,
  request: { params: accountParamsSchema },
  responses,
});

const close = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/close",
  operationId: "closeAccount",
  tags,
  summary: "Close an account for good",
  description:
    "The period ends now, holds are released, the last invoice and credit notes are made. From then on every change is answered 409 `account_closed`; reads go on.",
  middleware: [requireScope("admin")] as const,
  request: { params: accountParamsSchema, body: jsonBody(statusReasonSchema) },
  responses,
});

async function accountNow(context: Context<AppEnv>, account: string) {
  const row = await findRow(context.env.DB, accountKey(context, account));
  if (row === null) throw accountNotFound(account);
  const view = found(await accountStub(context, account).terms(context.var.callContext), account);
  return accountAnswer(row.account, view);
}

export const statusRoutes = createRouter()
  .openapi(suspend, async (context) => {
    const { account } = context.req.valid("param");
    const { reason } = context.req.valid("json");
    await follow(context, account, { kind: "suspend", reason });
    return context.json(await accountNow(context, account), 200);
  })
  .openapi(resume, async (context) => {
    const { account } = context.req.valid("param");
    await follow(context, account, { kind: "resume" });
    return context.json(await accountNow(context, account), 200);
  })
  .openapi(close, async (context) => {
    const { account } = context.req.valid("param");
    const { reason } = context.req.valid("json");
    await follow(context, account, { kind: "close", reason });
    await settleNow(context, account);
    return context.json(await accountNow(context, account), 200);
  });
