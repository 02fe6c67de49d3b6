/** What D1 knows of one user: who acts, and what the pages call them. */
import { and, eq } from "drizzle-orm";
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
