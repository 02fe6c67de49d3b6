/** What travels over the three queues. Every message may come twice and in any order; its effect is keyed. */
import type { AuditRecord } from "./credits/audit.ts";
import type { UsageEntry } from "./credits/entries.ts";
import type { InvoiceKind } from "./credits/invoice.ts";
import type { Notice } from "./credits/notices.ts";
import type { RateNoticeContent } from "./credits/rate-notices.ts";
import type { InsightNotice } from "./reports/insight-notices.ts";

/** An entry as a segment keeps it: the segment's own columns say which period and sequence number it has. */
export type SegmentEntry = Omit<UsageEntry, "seq" | "period">;

/** A run of consecutive entries of one account and period; keyed by `accountKey` and `firstSeq`. */
export interface SegmentMessage {
  readonly type: "segment";
  readonly accountKey: string;
  readonly period: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly entries: readonly SegmentEntry[];
}

/** How often something was denied on a local day: demand that was lost (rules, 3.6). */
export interface DenialCount {
  readonly day: string;
  readonly feature: string;
  readonly action: string;
  readonly reason: string;
  readonly denials: number;
}

/** Denials counted since the last batch; keyed by `accountKey` and `batch`. */
export interface DenialsMessage {
  readonly type: "denials";
  readonly accountKey: string;
  readonly batch: string;
  readonly counts: readonly DenialCount[];
}

/** Records of the audit log; each is keyed by `accountKey` and its number. */
export interface AuditMessage {
  readonly type: "audit";
  readonly accountKey: string;
  readonly records: readonly AuditRecord[];
}

export type UsageMessage = SegmentMessage | DenialsMessage | AuditMessage;

/** A notice to fan out to its channels; keyed by `notificationId`. */
export interface NoticeMessage {
  readonly type: "notice";
  readonly accountKey: string;
  readonly notificationId: string;
  readonly notice: NotificationContent;
}

/** One attempt to deliver one notification to one target. */
export interface DeliveryMessage {
  readonly type: "delivery";
  readonly deliveryId: string;
}

/** Tells a page of accounts of a change of the rate sheet; keyed by `notice` and `after`. */
export interface RateNoticesMessage {
  readonly type: "rate_notices";
  readonly notice: string;
  /** Account keys up to this one were told before. */
  readonly after: string;
}

export type NotificationMessage = NoticeMessage | DeliveryMessage | RateNoticesMessage;

/** An invoice was issued; made by billing, not by the account. */
export interface InvoiceIssued {
  readonly kind: "invoice_issued";
  /** Absent in older ones: overage. */
  readonly document?: InvoiceKind;
  readonly atMs: number;
  readonly period: string;
  readonly invoiceId: string;
  readonly number: string;
  readonly totalMinor: number;
  readonly currency: string;
  readonly dueAtMs: number;
}

export type NotificationContent = Notice | InvoiceIssued | InsightNotice | RateNoticeContent;

/** The account itself decided it, keeps it until it is confirmed, and numbered it. */
export function isAccountNotice(content: NotificationContent): content is Notice {
  return "number" in content && typeof content.number === "number";
}

/** The account has a period to close or facts for billing to store; the consumer asks the account for them. */
export interface BillingMessage {
  readonly type: "account_due";
  readonly accountKey: string;
}

/** Hands a page of accounts over whose local day has passed; D1 knows which. */
export interface AnalysesDueMessage {
  readonly type: "analyses_due";
}

/** Local days of the account have passed that were not analysed yet; keyed by account and day. */
export interface AnalysisDueMessage {
  readonly type: "analysis_due";
  readonly accountKey: string;
}

/** What travels over the billing queue. */
export type BillingQueueMessage = BillingMessage | AnalysesDueMessage | AnalysisDueMessage;

export function toSegmentEntry(entry: UsageEntry): SegmentEntry {
  const { seq: _seq, period: _period, ...rest } = entry;
  return rest;
}

export function fromSegment(
  segment: Pick<SegmentMessage, "period" | "firstSeq" | "entries">,
): readonly UsageEntry[] {
  return segment.entries.map((entry, index) => ({
    ...entry,
    seq: segment.firstSeq + index,
    period: segment.period,
  }));
}
