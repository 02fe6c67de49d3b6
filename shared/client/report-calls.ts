/** Seeing where credits go, and what people are told (rules, sections 6 and 10). */
import { accountPath } from "./calls.ts";
import { readLines } from "./ndjson.ts";
import type {
  Balance,
  Banner,
  BannersQuery,
  ClosedPeriod,
  DismissBanner,
  ExportQueries,
  Forecast,
  Insights,
  InsightsQuery,
  LogEntry,
  LogFilter,
  Notification,
  Page,
  PageQuery,
  PriceList,
  UsageQuery,
  UsageReport,
} from "./types.ts";
import { UsageCalls } from "./usage-calls.ts";

const EXPORT_TYPES = { csv: "text/csv", ndjson: "application/x-ndjson" } as const;
export type ExportFormat = keyof typeof EXPORT_TYPES;

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
    yield* readLines<LogEntry>(await this.export(account, "log", "ndjson", filter));
  }

  /** A whole list as a file, as it arrives; it fails where the export breaks off. */
  export<List extends keyof ExportQueries>(
    account: string,
    list: List,
    format: ExportFormat,
    query?: ExportQueries[List],
  ): Promise<ReadableStream<Uint8Array>> {
    const headers = { accept: EXPORT_TYPES[format] };
    const path = `${accountPath(account)}/${list}`;
    return this.transport.stream({
      method: "GET",
      path,
      headers,
      ...(query === undefined ? {} : { query }),
    });
  }

  /** Closed periods, newest first. */
  periods(account: string, query: PageQuery = {}): Promise<Page<ClosedPeriod>> {
    return this.get(`${accountPath(account)}/periods`, query);
  }

  forecast(account: string): Promise<Forecast> {
    return this.get(`${accountPath(account)}/forecast`);
  }

  insights(account: string, query: InsightsQuery = {}): Promise<Insights> {
    return this.get(`${accountPath(account)}/insights`, query);
  }

  notifications(account: string, query: PageQuery = {}): Promise<Page<Notification>> {
    return this.get(`${accountPath(account)}/notifications`, query);
  }

  /** What is true now, gravest first. */
  async banners(account: string, query: BannersQuery = {}): Promise<readonly Banner[]> {
    const answer = await this.get<{ readonly data: readonly Banner[] }>(
      `${accountPath(account)}/banners`,
      query,
    );
    return answer.data;
  }

  dismissBanner(account: string, body: DismissBanner): Promise<void> {
    return this.post(`${accountPath(account)}/banners/dismiss`, body);
  }
}
