/** Seeing where credits go (rules, section 10). */
import { accountPath } from "./calls.ts";
import { readLines } from "./ndjson.ts";
import type {
  Balance,
  ClosedPeriod,
  LogEntry,
  LogFilter,
  Notification,
  Page,
  PageQuery,
  PriceList,
  Reconciliation,
  UsageQuery,
  UsageReport,
} from "./types.ts";
import { UsageCalls } from "./usage-calls.ts";

export class ReportCalls extends UsageCalls {
  balance(account: string): Promise<Balance> {
    return this.get(`${accountPath(account)}/balance`);
  }

  /** The account's price list. */
  rates(account: string): Promise<PriceList> {
    return this.get(`${accountPath(account)}/rates`);
  }

  usage(account: string, query: UsageQuery = {}): Promise<UsageReport> {
    return this.get(`${accountPath(account)}/usage`, query);
  }

  /** A page of the usage log, newest first. */
  log(account: string, query: LogFilter & PageQuery = {}): Promise<Page<LogEntry>> {
    return this.get(`${accountPath(account)}/log`, query);
  }

  /** The whole usage log, entry by entry, newest first; throws where the export breaks off. */
  async *logEntries(account: string, filter: LogFilter = {}): AsyncGenerator<LogEntry> {
    const headers = { accept: "application/x-ndjson" };
    const path = `${accountPath(account)}/log`;
    yield* readLines<LogEntry>(await this.transport.stream({ method: "GET", path, query: filter, headers }));
  }

  /** Closed periods, newest first. */
  periods(account: string, query: PageQuery = {}): Promise<Page<ClosedPeriod>> {
    return this.get(`${accountPath(account)}/periods`, query);
  }

  notifications(account: string, query: PageQuery = {}): Promise<Page<Notification>> {
    return this.get(`${accountPath(account)}/notifications`, query);
  }

  /** Whether balance, log, roll-ups and invoices agree, and where not. */
  reconcile(account: string): Promise<Reconciliation> {
    return this.post(`${accountPath(account)}/reconciliation`);
  }
}
