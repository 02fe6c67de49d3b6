/** D1 as drizzle sees it; the SQL in migrations/ is what counts (drizzle-kit writes neither STRICT nor triggers). */
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { AccountProfile } from "../api/accounts.ts";
import type { Mode } from "../api/common.ts";
import type { Catalog } from "../credits/catalog.ts";
import type { InvoiceDocument, InvoiceStatus } from "../credits/invoice.ts";
import type { Feature } from "../credits/rates.ts";
import type { ClosedPeriod } from "../credits/reset.ts";
import type { Terms } from "../credits/state.ts";
import type { NotificationContent, SegmentEntry } from "../queues.ts";

export const operator = sqliteTable("operator", {
  singleton: integer().primaryKey(),
  revision: integer().notNull(),
  catalog: text({ mode: "json" }).$type<Catalog>().notNull(),
});

export const rateSheets = sqliteTable("rate_sheets", {
  version: integer().primaryKey(),
  effectiveAtMs: integer("effective_at_ms").notNull(),
  publishedAtMs: integer("published_at_ms").notNull(),
  features: text({ mode: "json" }).$type<readonly Feature[]>().notNull(),
});

export const apiKeys = sqliteTable("api_keys", {
  keyId: text("key_id").primaryKey(),
  name: text().notNull(),
  mode: text().$type<Mode>().notNull(),
  scopes: text({ mode: "json" }).$type<readonly string[]>().notNull(),
  createdAtMs: integer("created_at_ms").notNull(),
  revokedAtMs: integer("revoked_at_ms"),
});

export const webhookEndpoints = sqliteTable("webhook_endpoints", {
  endpointId: text("endpoint_id").primaryKey(),
  mode: text().$type<Mode>().notNull(),
  url: text().notNull(),
  createdAtMs: integer("created_at_ms").notNull(),
});

export const testClocks = sqliteTable("test_clocks", {
  clockId: text("clock_id").primaryKey(),
  nowMs: integer("now_ms").notNull(),
});

export const accounts = sqliteTable("accounts", {
  accountKey: text("account_key").primaryKey(),
  mode: text().$type<Mode>().notNull(),
  accountId: text("account_id").notNull(),
  terms: text({ mode: "json" }).$type<Terms>().notNull(),
  profile: text({ mode: "json" }).$type<AccountProfile>().notNull(),
  testClockId: text("test_clock_id"),
  createdAtMs: integer("created_at_ms").notNull(),
  periodEndsAtMs: integer("period_ends_at_ms").notNull(),
});

export const users = sqliteTable(
  "users",
  {
    accountKey: text("account_key").notNull(),
    userId: text("user_id").notNull(),
    name: text().notNull(),
    email: text(),
    roles: text({ mode: "json" }).$type<readonly string[]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountKey, table.userId] })],
);

export const segments = sqliteTable(
  "segments",
  {
    accountKey: text("account_key").notNull(),
    firstSeq: integer("first_seq").notNull(),
    lastSeq: integer("last_seq").notNull(),
    period: text().notNull(),
    fromMs: integer("from_ms").notNull(),
    toMs: integer("to_ms").notNull(),
    creditsMicros: integer("credits_micros").notNull(),
    entries: text({ mode: "json" }).$type<readonly SegmentEntry[]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountKey, table.firstSeq] })],
);

export const rollups = sqliteTable(
  "rollups",
  {
    accountKey: text("account_key").notNull(),
    dimension: text().$type<"action" | "user" | "workflow">().notNull(),
    day: text().notNull(),
    feature: text().notNull(),
    key: text().notNull(),
    period: text().notNull(),
    events: integer().notNull(),
    uses: integer().notNull(),
    quantityMicros: integer("quantity_micros").notNull(),
    creditsMicros: integer("credits_micros").notNull(),
  },
  (table) => [
    primaryKey({
      columns: [table.accountKey, table.dimension, table.day, table.feature, table.key, table.period],
    }),
  ],
);

export const denials = sqliteTable(
  "denials",
  {
    accountKey: text("account_key").notNull(),
    day: text().notNull(),
    feature: text().notNull(),
    action: text().notNull(),
    reason: text().notNull(),
    denials: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.accountKey, table.day, table.feature, table.action, table.reason] }),
  ],
);

export const periods = sqliteTable(
  "periods",
  {
    accountKey: text("account_key").notNull(),
    startMs: integer("start_ms").notNull(),
    endMs: integer("end_ms").notNull(),
    period: text().notNull(),
    figures: text({ mode: "json" }).$type<ClosedPeriod>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountKey, table.startMs] })],
);

export const invoices = sqliteTable("invoices", {
  invoiceId: text("invoice_id").primaryKey(),
  accountKey: text("account_key").notNull(),
  source: text().notNull(),
  number: integer().notNull(),
  issuedAtMs: integer("issued_at_ms").notNull(),
  dueAtMs: integer("due_at_ms").notNull(),
  document: text({ mode: "json" }).$type<InvoiceDocument>().notNull(),
  status: text().$type<InvoiceStatus>().notNull(),
  paymentReference: text("payment_reference"),
});

export const notifications = sqliteTable("notifications", {
  notificationId: text("notification_id").primaryKey(),
  accountKey: text("account_key").notNull(),
  kind: text().notNull(),
  atMs: integer("at_ms").notNull(),
  content: text({ mode: "json" }).$type<NotificationContent>().notNull(),
});

export const deliveries = sqliteTable("deliveries", {
  deliveryId: text("delivery_id").primaryKey(),
  notificationId: text("notification_id").notNull(),
  channel: text().$type<"email" | "webhook">().notNull(),
  target: text().notNull(),
  status: text().$type<"pending" | "delivered" | "failed">().notNull(),
  attempts: integer().notNull(),
  lastError: text("last_error"),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

export const bannerDismissals = sqliteTable(
  "banner_dismissals",
  {
    accountKey: text("account_key").notNull(),
    userId: text("user_id").notNull(),
    bannerId: text("banner_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountKey, table.userId, table.bannerId] })],
);

export const deadLetters = sqliteTable("dead_letters", {
  messageId: text("message_id").primaryKey(),
  queue: text().notNull(),
  body: text({ mode: "json" }).$type<unknown>().notNull(),
  diedAtMs: integer("died_at_ms").notNull(),
});
