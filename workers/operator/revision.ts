/** The revision tells accounts that the offer has changed; it grows in the same D1 batch as the change. */
import { sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { operator } from "../../shared/db/schema.ts";

export const NEXT_REVISION = sql`${operator.revision} + 1`;

export function bumpRevision(db: DrizzleD1Database) {
  return db.update(operator).set({ revision: NEXT_REVISION });
}
