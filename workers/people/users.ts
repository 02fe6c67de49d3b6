/**
 * The users of an account: who is told, who may decide, which teams they are in (rules, sections 6.3 and 9). The
 * account keeps ids and teams and decides with them; D1 keeps names, addresses and roles.
 */
import { createRoute, type z } from "@hono/zod-openapi";
import { and, asc, eq, gt, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Context } from "hono";
import { accountParamsSchema, referenceSchema } from "../../shared/api/common.ts";
import { putUserSchema, userSchema, usersQuerySchema, usersSchema } from "../../shared/api/people.ts";
import type { Directory } from "../../shared/credits/directory.ts";
import { ROLES, type Role } from "../../shared/credits/permissions.ts";
import { accounts, users } from "../../shared/db/schema.ts";
import { follow } from "../accounts/commands.ts";
import { recordChange } from "../audit/record.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  type AppEnv,
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
import { endSessionsOf } from "../sessions/store.ts";
import { eraseUser } from "./erasure.ts";

const tags = ["Users"];
const userParams = accountParamsSchema.extend({ user: referenceSchema });

const list = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/users",
  operationId: "listUsers",
  tags,
  summary: "List an account's users",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: usersQuerySchema },
  responses: {
    200: jsonContent(usersSchema, "a page of users, by id, and who of them is the credit owner"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const read = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/users/{user}",
  operationId: "getUser",
  tags,
  summary: "Read a user",
  middleware: [requireScope("read")] as const,
  request: { params: userParams },
  responses: { 200: jsonContent(userSchema, "the user"), ...problemResponses(401, 403, 404, 422) },
});

const put = createRoute({
  method: "put",
  path: "/v1/accounts/{account}/users/{user}",
  operationId: "putUser",
  tags,
  summary: "Add or replace a user",
  description:
    "Super admins, billing admins and billing contacts are told by e-mail. Teams count from the next use on.",
  middleware: [requireScope("admin")] as const,
  request: { params: userParams, body: jsonBody(putUserSchema) },
  responses: {
    200: jsonContent(userSchema, "the user"),
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const remove = createRoute({
  method: "delete",
  path: "/v1/accounts/{account}/users/{user}",
  operationId: "removeUser",
  tags,
  summary: "Remove a user",
  description:
    "The user may use no limited feature any more. What was consumed stays in the log under the id.",
  middleware: [requireScope("admin")] as const,
  request: { params: userParams },
  responses: { 204: { description: "removed" }, ...problemResponses(401, 403, 404, 409, 422) },
});

const erase = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/users/{user}/erase",
  operationId: "eraseUser",
  tags,
  summary: "Erase a user's name and address",
  description:
    "For good and everywhere, from the delivery log too; the id remains, and with it what it consumed.",
  middleware: [requireScope("admin")] as const,
  request: { params: userParams },
  responses: {
    200: jsonContent(userSchema, "the user without name and address"),
    ...problemResponses(401, 403, 404, 422),
  },
});

type UserRow = typeof users.$inferSelect;

function userAnswer(row: UserRow, { users: known }: Directory): z.infer<typeof userSchema> {
  return {
    user: row.userId,
    name: row.name,
    email: row.email,
    roles: ROLES.filter((role) => row.roles.includes(role)),
    teams: [...(known[row.userId]?.teams ?? [])],
    notify: { optIn: [...row.notify.optIn], email: row.notify.email },
    erased: row.erased,
  };
}

async function directoryOf(context: Context<AppEnv>, account: string): Promise<Directory> {
  return found(await accountStub(context, account).view(context.var.callContext), account).directory;
}

async function foundUser(context: Context<AppEnv>, account: string, user: string): Promise<UserRow> {
  const [row] = await drizzle(context.env.DB)
    .select()
    .from(users)
    .where(and(eq(users.accountKey, accountKey(context, account)), eq(users.userId, user)));
  if (row === undefined) throw new ProblemError(404, "user_not_found", `no user "${user}"`);
  return row;
}

function hasRole(role: Role): SQL {
  return sql`EXISTS (SELECT 1 FROM json_each(${users.roles}) WHERE value = ${role})`;
}

/** What the audit log may keep of a user. */
function auditable(row: Pick<UserRow, "roles" | "notify"> | undefined) {
  return row === undefined ? null : { roles: row.roles, notify: row.notify };
}

export const userRoutes = createRouter()
  .openapi(list, async (context) => {
    const { account } = context.req.valid("param");
    const directory = await directoryOf(context, account);
    const { limit, cursor, role } = context.req.valid("query");
    const key = accountKey(context, account);
    const db = drizzle(context.env.DB);
    const [rows, [owned]] = await db.batch([
      db
        .select()
        .from(users)
        .where(
          and(
            eq(users.accountKey, key),
            gt(users.userId, cursor ?? ""),
            role === undefined ? undefined : hasRole(role),
          ),
        )
        .orderBy(asc(users.userId))
        .limit(rowsFor(limit)),
      db.select({ profile: accounts.profile }).from(accounts).where(eq(accounts.accountKey, key)),
    ]);
    const page = pageOf(
      rows,
      limit,
      (row) => row.userId,
      (row) => userAnswer(row, directory),
    );
    return context.json({ ...page, creditOwner: owned?.profile.creditOwner ?? null }, 200);
  })
  .openapi(read, async (context) => {
    const { account, user } = context.req.valid("param");
    const directory = await directoryOf(context, account);
    return context.json(userAnswer(await foundUser(context, account, user), directory), 200);
  })
  .openapi(put, async (context) => {
    const { account, user } = context.req.valid("param");
    const { teams, name, email, roles, notify } = context.req.valid("json");
    const key = accountKey(context, account);
    const { directory } = await follow(context, account, { kind: "put_user", user, teams });
    const db = drizzle(context.env.DB);
    const [before] = await db
      .select()
      .from(users)
      .where(and(eq(users.accountKey, key), eq(users.userId, user)));
    const row = { accountKey: key, userId: user, name, email, roles, notify, erased: false };
    const changes = {
      action: "user_changed",
      target: user,
      before: auditable(before),
      after: auditable(row),
    };
    await db.batch([
      db
        .insert(users)
        .values(row)
        .onConflictDoUpdate({
          target: [users.accountKey, users.userId],
          set: { name, email, roles, notify, erased: false },
        }),
      recordChange(db, context, key, changes),
    ]);
    return context.json(userAnswer(row, directory), 200);
  })
  .openapi(remove, async (context) => {
    const { account, user } = context.req.valid("param");
    await directoryOf(context, account);
    const row = await foundUser(context, account, user);
    await follow(context, account, { kind: "remove_user", user });
    const db = drizzle(context.env.DB);
    const { accountKey: key } = row;
    await db.batch([
      db.delete(users).where(and(eq(users.accountKey, key), eq(users.userId, user))),
      endSessionsOf(context.env.DB, key, user),
      recordChange(db, context, key, {
        action: "user_removed",
        target: user,
        before: auditable(row),
        after: null,
      }),
    ]);
    return context.body(null, 204);
  })
  .openapi(erase, async (context) => {
    const { account, user } = context.req.valid("param");
    const directory = await directoryOf(context, account);
    const row = await foundUser(context, account, user);
    return context.json(userAnswer(await eraseUser(context, row), directory), 200);
  });
