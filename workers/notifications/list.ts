/**
 * An account's notifications, newest first, complete at once: what is still in the account's outbox is merged with
 * what D1 holds.
 */
import { and, desc, eq, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { NotificationCursor } from "../../shared/api/notifications.ts";
import type { Notice } from "../../shared/credits/notices.ts";
import { accounts, deliveries, notifications } from "../../shared/db/schema.ts";
import { notificationIdOf } from "../../shared/notification-id.ts";
import type { NotificationContent } from "../../shared/queues.ts";
import type { DeliveryRow } from "./answers.ts";

export interface Listed {
  readonly notificationId: string;
  readonly content: NotificationContent;
}

export interface NotificationPage {
  /** At most `rows`, newest first. */
  readonly listed: readonly Listed[];
  readonly deliveries: ReadonlyMap<string, readonly DeliveryRow[]>;
  readonly accountName: string | null;
}

/** `outbox` was read from the account before this is called: what left it since then is in D1 by now. */
export async function listNotifications(
  database: D1Database,
  accountKey: string,
  outbox: readonly Notice[],
  page: { readonly rows: number; readonly cursor: NotificationCursor | undefined },
): Promise<NotificationPage> {
  const db = drizzle(database);
  const last = page.cursor && { atMs: page.cursor.atMs, notificationId: `${accountKey}/${page.cursor.name}` };
  const [stored, [account]] = await db.batch([
    db
      .select({ notificationId: notifications.notificationId, content: notifications.content })
      .from(notifications)
      .where(and(eq(notifications.accountKey, accountKey), last && isOlder(last)))
      .orderBy(
        desc(notifications.atMs),
        desc(sql`length(${notifications.notificationId})`),
        desc(notifications.notificationId),
      )
      .limit(page.rows),
    db.select({ profile: accounts.profile }).from(accounts).where(eq(accounts.accountKey, accountKey)),
  ]);
  const waiting = outbox
    .map((content) => ({ notificationId: notificationIdOf(accountKey, content.number), content }))
    .filter((listed) => last === undefined || newestFirst(keyOf(listed), last) > 0);
  const listed = merge(stored, waiting).slice(0, page.rows);
  return {
    listed,
    deliveries: await deliveriesOf(db, listed),
    accountName: account?.profile.name ?? null,
  };
}

interface Key {
  readonly atMs: number;
  readonly notificationId: string;
}

function keyOf({ notificationId, content }: Listed): Key {
  return { notificationId, atMs: content.atMs };
}

/** By time; those of one moment by their number, of which the longer is the greater. */
function newestFirst(a: Key, b: Key): number {
  if (a.atMs !== b.atMs) return b.atMs - a.atMs;
  const [aId, bId] = [a.notificationId, b.notificationId];
  if (aId.length !== bId.length) return bId.length - aId.length;
  if (aId === bId) return 0;
  return aId < bId ? 1 : -1;
}

/** The same order as `newestFirst`; the first comparison alone can use the index. */
function isOlder({ atMs, notificationId }: Key) {
  const id = notifications.notificationId;
  return sql`${notifications.atMs} <= ${atMs}
    AND (${notifications.atMs}, length(${id}), ${id}) < (${atMs}, length(${notificationId}), ${notificationId})`;
}

function merge(stored: readonly Listed[], waiting: readonly Listed[]): readonly Listed[] {
  const byId = new Map([...waiting, ...stored].map((listed) => [listed.notificationId, listed]));
  return [...byId.values()].sort((a, b) => newestFirst(keyOf(a), keyOf(b)));
}

async function deliveriesOf(
  db: DrizzleD1Database,
  listed: readonly Listed[],
): Promise<NotificationPage["deliveries"]> {
  const ids = JSON.stringify(listed.map(({ notificationId }) => notificationId));
  const rows = await db
    .select()
    .from(deliveries)
    .where(sql`${deliveries.notificationId} IN (SELECT value FROM json_each(${ids}))`)
    .orderBy(deliveries.deliveryId);
  return Map.groupBy(rows, (row) => row.notificationId ?? "");
}
