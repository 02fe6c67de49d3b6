/** The users of an account, who is told and who may decide (rules, sections 6.3 and 9). */
import { createRoute, type z } from "@hono/zod-openapi";
import { and, asc, eq, gt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Context } from "hono";
import { putUserSchema, ROLES, userSchema } from "../../shared/api/accounts.ts";
import {
  accountParamsSchema,
  pageQuerySchema,
  pageSchema,
  referenceSchema,
} from "../../shared/api/common.ts";
import { users } from "../../shared/db/schema.ts";
import { findRow } from "./account-rows.ts";
import { requireScope } from "./auth.ts";
import {
  type AppEnv,
  accountKey,
  accountNotFound,
  createRouter,
  jsonBody,
  jsonContent,
  ProblemError,
  problemResponses,
} from "./http.ts";
import { pageOf, rowsFor } from "./page.ts";

const tags = ["Users"];
const userParams = accountParamsSchema.extend({ user: referenceSchema });

const list = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/users",
  operationId: "listUsers",
  tags,
  summary: "List an account's users",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: pageQuerySchema },
  responses: {
    200: jsonContent(pageSchema(userSchema, "Users"), "a page of users, by id"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const put = createRoute({
  method: "put",
  path: "/v1/accounts/{account}/users/{user}",
  operationId: "putUser",
  tags,
  summary: "Add or replace a user",
  description: "Super admins, billing admins and billing contacts are told by e-mail. Needs the scope admin.",
  middleware: [requireScope("admin")] as const,
  request: { params: userParams, body: jsonBody(putUserSchema) },
  responses: {
    200: jsonContent(userSchema, "the user"),
    ...problemResponses(400, 401, 403, 404, 413, 415, 422),
  },
});

const remove = createRoute({
  method: "delete",
  path: "/v1/accounts/{account}/users/{user}",
  operationId: "removeUser",
  tags,
  summary: "Remove a user",
  description: "What the user has consumed stays in the log under the id. Needs the scope admin.",
  middleware: [requireScope("admin")] as const,
  request: { params: userParams },
  responses: { 204: { description: "removed" }, ...problemResponses(401, 403, 404, 422) },
});

type UserRow = typeof users.$inferSelect;

function userAnswer(row: UserRow): z.infer<typeof userSchema> {
  return {
    user: row.userId,
    name: row.name,
    email: row.email,
    roles: ROLES.filter((role) => row.roles.includes(role)),
  };
}

async function knownAccountKey(context: Context<AppEnv>, account: string): Promise<string> {
  const key = accountKey(context, account);
  if ((await findRow(context.env.DB, key)) === null) throw accountNotFound(account);
  return key;
}

export const userRoutes = createRouter()
  .openapi(list, async (context) => {
    const key = await knownAccountKey(context, context.req.valid("param").account);
    const { limit, cursor } = context.req.valid("query");
    const rows = await drizzle(context.env.DB)
      .select()
      .from(users)
      .where(and(eq(users.accountKey, key), gt(users.userId, cursor ?? "")))
      .orderBy(asc(users.userId))
      .limit(rowsFor(limit));
    return context.json(
      pageOf(rows, limit, (row) => row.userId, userAnswer),
      200,
    );
  })
  .openapi(put, async (context) => {
    const { account, user } = context.req.valid("param");
    const row = {
      accountKey: await knownAccountKey(context, account),
      userId: user,
      ...context.req.valid("json"),
    };
    const { name, email, roles } = row;
    await drizzle(context.env.DB)
      .insert(users)
      .values(row)
      .onConflictDoUpdate({ target: [users.accountKey, users.userId], set: { name, email, roles } });
    return context.json(userAnswer(row), 200);
  })
  .openapi(remove, async (context) => {
    const { account, user } = context.req.valid("param");
    const key = await knownAccountKey(context, account);
    const removed = await drizzle(context.env.DB)
      .delete(users)
      .where(and(eq(users.accountKey, key), eq(users.userId, user)))
      .returning({ userId: users.userId });
    if (removed.length === 0) throw new ProblemError(404, "user_not_found", `no user "${user}"`);
    return context.body(null, 204);
  });
