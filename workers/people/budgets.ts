/** Budgets per user, team, feature and workflow (rules, section 9.3). */
import { createRoute, type z } from "@hono/zod-openapi";
import { accountParamsSchema, identifierSchema } from "../../shared/api/common.ts";
import { budgetSchema, budgetsSchema, putBudgetSchema } from "../../shared/api/people.ts";
import { formatMicros } from "../../shared/credits/amounts.ts";
import type { Budget } from "../../shared/credits/directory.ts";
import type { AccountView } from "../../shared/protocol.ts";
import { follow } from "../accounts/commands.ts";
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

const tags = ["Budgets"];
const budgetParams = accountParamsSchema.extend({ budget: identifierSchema });

const list = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/budgets",
  operationId: "listBudgets",
  tags,
  summary: "List the budgets, with what is used of each",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: jsonContent(budgetsSchema, "all budgets, by name"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const read = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/budgets/{budget}",
  operationId: "getBudget",
  tags,
  summary: "Read a budget",
  middleware: [requireScope("read")] as const,
  request: { params: budgetParams },
  responses: { 200: jsonContent(budgetSchema, "the budget"), ...problemResponses(401, 403, 404, 422) },
});

const put = createRoute({
  method: "put",
  path: "/v1/accounts/{account}/budgets/{budget}",
  operationId: "putBudget",
  tags,
  summary: "Set a budget",
  description:
    "Credits per usage period, counted since the period's start, also from before the budget existed. A hard one denies what does not fit; each tells at 75, 90 and 100 %.",
  middleware: [requireScope("admin")] as const,
  request: { params: budgetParams, body: jsonBody(putBudgetSchema) },
  responses: {
    200: jsonContent(budgetSchema, "the budget now"),
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const remove = createRoute({
  method: "delete",
  path: "/v1/accounts/{account}/budgets/{budget}",
  operationId: "removeBudget",
  tags,
  summary: "Remove a budget",
  middleware: [requireScope("admin")] as const,
  request: { params: budgetParams },
  responses: { 204: { description: "removed" }, ...problemResponses(401, 403, 404, 409, 422) },
});

/** A budget with what its subject has used and holds. */
export function budgetAnswer(
  { budget, subject, key, creditsMicros, hard }: Budget,
  usage: AccountView["budgetUsage"],
): z.infer<typeof budgetSchema> {
  const { usedMicros, heldMicros } = usage[budget] ?? { usedMicros: 0, heldMicros: 0 };
  return {
    budget,
    subject,
    key,
    credits: formatMicros(creditsMicros),
    hard,
    used: formatMicros(usedMicros),
    held: formatMicros(heldMicros),
    left: formatMicros(Math.max(0, creditsMicros - usedMicros - heldMicros)),
  };
}

function named({ directory, budgetUsage }: Pick<AccountView, "directory" | "budgetUsage">, budget: string) {
  const known = directory.budgets.find((candidate) => candidate.budget === budget);
  if (known !== undefined) return budgetAnswer(known, budgetUsage);
  throw new ProblemError(404, "unknown_budget", `no budget "${budget}"; see GET …/budgets`);
}

export const budgetRoutes = createRouter()
  .openapi(list, async (context) => {
    const { account } = context.req.valid("param");
    const view = found(await accountStub(context, account).view(context.var.callContext), account);
    const data = view.directory.budgets.map((budget) => budgetAnswer(budget, view.budgetUsage));
    return context.json({ data, nextCursor: null }, 200);
  })
  .openapi(read, async (context) => {
    const { account, budget } = context.req.valid("param");
    const view = found(await accountStub(context, account).view(context.var.callContext), account);
    return context.json(named(view, budget), 200);
  })
  .openapi(put, async (context) => {
    const { account, budget } = context.req.valid("param");
    const { subject, key, credits: creditsMicros, hard } = context.req.valid("json");
    const command = { kind: "put_budget", budget, subject, key, creditsMicros, hard } as const;
    await follow(context, account, command);
    const view = found(await accountStub(context, account).view(context.var.callContext), account);
    return context.json(named(view, budget), 200);
  })
  .openapi(remove, async (context) => {
    const { account, budget } = context.req.valid("param");
    await follow(context, account, { kind: "remove_budget", budget });
    return context.body(null, 204);
  });
