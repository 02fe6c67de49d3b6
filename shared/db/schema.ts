/** D1 as drizzle sees it; the SQL in migrations/ is what counts (drizzle-kit writes neither STRICT nor triggers). */
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { type AccountProfile, NOTIFY_DEFAULT, type NotifyPreferences } from "../api/accounts.ts";
import type { Mode } from "../api/common.ts";
import type { DeliveryChannel, DeliveryStatus, LoggedAttempt } from "../api/deliveries.ts";
import type { CorrectedFigures } from "../credits/billing-facts.ts";
import type { Catalog } from "../credits/catalog.ts";
import type { InvoiceDocument, InvoiceKind, InvoiceStatus } from "../credits/invoice.ts";
import type { RateRise } from "../credits/rate-changes.ts";
import type { RateNoticeKind } from "../credits/rate-notices.ts";
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
  shortNotice: integer("short_notice", { mode: "boolean" }).notNull().default(false),
  withdrawnAtMs: integer("withdrawn_at_ms"),
});

export const rateNotices = sqliteTable("rate_notices", {
  notice: text().primaryKey(),
  kind: text().$type<RateNoticeKind>().notNull(),
  version: integer().notNull(),
  atMs: integer("at_ms").notNull(),
  effectiveAtMs: integer("effective_at_ms").notNull(),
  shortNotice: integer("short_notice", { mode: "boolean" }).notNull(),
  changes: text({ mode: "json" }).$type<readonly RateRise[]>().notNull(),
  revokes: text({ mode: "json" }).$type<readonly string[]>().notNull(),
  toldUpTo: text("told_up_to").notNull(),
  progressedAtMs: integer("progressed_at_ms").notNull(),
  done: integer({ mode: "boolean" }).notNull(),
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
  secretVersion: integer("secret_version").notNull().default(1),
  previousSecretUntilMs: integer("previous_secret_until_ms"),
  disabledAtMs: integer("disabled_at_ms"),
  unanswered: integer().notNull().default(0),
  restsUntilMs: integer("rests_until_ms"),
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
  billingToken: text("billing_token").notNull().default(""),
  settledFact: integer("settled_fact").notNull().default(0),
  billingClosed: integer("billing_closed", { mode: "boolean" }).notNull().default(false),
});

export const users = sqliteTable(
  "users",
  {
    accountKey: text("account_key").notNull(),
    userId: text("user_id").notNull(),
    name: text().notNull(),
    email: text(),
    roles: text({ mode: "json" }).$type<readonly string[]>().notNull(),
    notify: text({ mode: "json" }).$type<NotifyPreferences>().notNull().default(NOTIFY_DEFAULT),
    erased: integer({ mode: "boolean" }).notNull().default(false),
  },
  (table) => [primaryKey({ columns: [table.accountKey, table.userId] })],
);

/** Portal links and who is signed in. */
export const sessions = sqliteTable("sessions", {
  sessionId: text("session_id").primaryKey(),
  accountKey: text("account_key"),
  userId: text("user_id"),
  createdAtMs: integer("created_at_ms").notNull(),
  linkExpiresAtMs: integer("link_expires_at_ms"),
  openedAtMs: integer("opened_at_ms"),
  endedAtMs: integer("ended_at_ms"),
  expiresAtMs: integer("expires_at_ms").notNull(),
});

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

export type RollupDimension = "action" | "user" | "team" | "workflow" | "outcome" | "no_items";

export const rollups = sqliteTable(
  "rollups",
  {
    accountKey: text("account_key").notNull(),
    dimension: text().$type<RollupDimension>().notNull(),
    day: text().notNull(),
    feature: text().notNull(),
    key: text().notNull(),
    period: text().notNull(),
    events: integer().notNull(),
    uses: integer().notNull(),
    quantityMicros: integer("quantity_micros").notNull(),
    creditsMicros: integer("credits_micros").notNull(),
    valueMinor: integer("value_minor").notNull(),
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
    corrected: text({ mode: "json" }).$type<CorrectedFigures>(),
  },
  (table) => [primaryKey({ columns: [table.accountKey, table.startMs] })],
);

export const invoices = sqliteTable("invoices", {
  invoiceId: text("invoice_id").primaryKey(),
  accountKey: text("account_key").notNull(),
  ordinal: integer().notNull(),
  kind: text().$type<InvoiceKind>().notNull(),
  source: text().notNull(),
  subject: text().notNull(),
  series: text().notNull(),
  number: integer().notNull(),
  issuedAtMs: integer("issued_at_ms").notNull(),
  dueAtMs: integer("due_at_ms").notNull(),
  document: text({ mode: "json" }).$type<InvoiceDocument>().notNull(),
  status: text().$type<InvoiceStatus>().notNull(),
  paymentReference: text("payment_reference"),
  voidReason: text("void_reason"),
  growsUntilMs: integer("grows_until_ms"),
  factNumber: integer("fact_number"),
});

export const adjustments = sqliteTable(
  "adjustments",
  {
    accountKey: text("account_key").notNull(),
    source: text().notNull(),
    atMs: integer("at_ms").notNull(),
    periodStartMs: integer("period_start_ms").notNull(),
    period: text().notNull(),
    eventId: text("event_id"),
    correctedMicros: integer("corrected_micros").notNull(),
    grantedMinor: integer("granted_minor").notNull(),
    openMinor: integer("open_minor").notNull(),
    droppedMinor: integer("dropped_minor").notNull(),
    correctsInvoiceId: text("corrects_invoice_id"),
  },
  (table) => [primaryKey({ columns: [table.accountKey, table.source] })],
);

export const notifications = sqliteTable("notifications", {
  notificationId: text("notification_id").primaryKey(),
  accountKey: text("account_key").notNull(),
  kind: text().notNull(),
  atMs: integer("at_ms").notNull(),
  content: text({ mode: "json" }).$type<NotificationContent>().notNull(),
});

export const deliveries = sqliteTable("deliveries", {
  deliveryId: text("delivery_id").primaryKey(),
  mode: text().$type<Mode>().notNull(),
  accountKey: text("account_key"),
  notificationId: text("notification_id"),
  channel: text().$type<DeliveryChannel>().notNull(),
  target: text().notNull(),
  status: text().$type<DeliveryStatus>().notNull(),
  attempts: integer().notNull(),
  lastError: text("last_error"),
  attemptLog: text("attempt_log", { mode: "json" }).$type<readonly LoggedAttempt[]>().notNull(),
  roundAttempts: integer("round_attempts").notNull(),
  roundStartedMs: integer("round_started_ms").notNull(),
  nextAttemptMs: integer("next_attempt_ms"),
  createdAtMs: integer("created_at_ms").notNull(),
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
  mode: text().$type<Mode>().notNull().default("live"),
  accountKey: text("account_key"),
  resentAtMs: integer("resent_at_ms"),
});

export const audit = sqliteTable(
  "audit",
  {
    accountKey: text("account_key").notNull(),
    atMs: integer("at_ms").notNull(),
    auditId: text("audit_id").notNull(),
    actor: text().notNull(),
    action: text().notNull(),
    target: text().notNull(),
    before: text({ mode: "json" }).$type<unknown>(),
    after: text({ mode: "json" }).$type<unknown>(),
  },
  (table) => [primaryKey({ columns: [table.accountKey, table.atMs, table.auditId] })],
);

export const billingRuns = sqliteTable("billing_runs", {
  atMs: integer("at_ms").primaryKey(),
  dispatched: integer().notNull(),
});
