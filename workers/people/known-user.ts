/** What D1 knows of one user: who acts, and what the pages call them. */
import { and, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { users } from "../../shared/db/schema.ts";

export interface NamedUser {
  readonly name: string;
  readonly roles: readonly string[];
  readonly erased: boolean;
}

export async function readUser(
  database: D1Database,
  accountKey: string,
  userId: string,
): Promise<NamedUser | null> {
  const [row] = await drizzle(database)
    .select({ name: users.name, roles: users.roles, erased: users.erased })
    .from(users)
    .where(and(eq(users.accountKey, accountKey), eq(users.userId, userId)));
  return row ?? null;
}

/** Names by id of those among some users who are known and not erased. */
export async function readNames(
  database: D1Database,
  accountKey: string,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (userIds.length === 0) return new Map();
  const asked = sql`${users.userId} IN (SELECT value FROM json_each(${JSON.stringify(userIds)}))`;
  const rows = await drizzle(database)
    .select({ userId: users.userId, name: users.name })
    .from(users)
    .where(and(eq(users.accountKey, accountKey), eq(users.erased, false), asked));
  return new Map(rows.map(({ userId, name }) => [userId, name]));
}
