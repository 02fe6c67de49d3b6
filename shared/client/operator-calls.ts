/** For the operator: what is sold, who may call, test clocks, the pipeline (rules, sections 8 and 12). */
import { at } from "./calls.ts";
import { DeliveryCalls } from "./delivery-calls.ts";
import type {
  ApiKey,
  AuditQuery,
  AuditRecord,
  BillingRun,
  Catalog,
  CreateApiKey,
  CreatedApiKey,
  ListedTestClock,
  Page,
  PageQuery,
  PublishRateSheet,
  QuotedRates,
  QuoteRates,
  RateSheet,
  RateSheetSummary,
  Status,
  TestClock,
} from "./types.ts";

export class OperatorCalls extends DeliveryCalls {
  catalog(): Promise<Catalog> {
    return this.get("/v1/catalog");
  }

  putCatalog(body: Catalog): Promise<Catalog> {
    return this.put("/v1/catalog", body);
  }

  /** Newest first, without their features. */
  rateSheets(query: PageQuery = {}): Promise<Page<RateSheetSummary>> {
    return this.get("/v1/rate-sheets", query);
  }

  rateSheet(version: number | "current"): Promise<RateSheet> {
    return this.get(at`/v1/rate-sheets/${version}`);
  }

  /** Publishes the next version. Not repeated: each call publishes one. */
  publishRateSheet(body: PublishRateSheet): Promise<RateSheet> {
    return this.post("/v1/rate-sheets", body, { retry: false });
  }

  /** A version that is not in force yet. */
  withdrawRateSheet(
    version: number,
    options: { readonly shortNotice?: boolean } = {},
  ): Promise<RateSheetSummary> {
    return this.delete(at`/v1/rate-sheets/${version}`, options);
  }

  /** What past usage would have cost under a draft or another version. */
  quoteRateSheet(body: QuoteRates): Promise<QuotedRates> {
    return this.post("/v1/rate-sheets/quote", body);
  }

  /** Never the keys themselves: they are shown once, when they are minted. */
  apiKeys(query: PageQuery = {}): Promise<Page<ApiKey>> {
    return this.get("/v1/api-keys", query);
  }

  /** Not repeated: each call mints a key. */
  createApiKey(body: CreateApiKey): Promise<CreatedApiKey> {
    return this.post("/v1/api-keys", body, { retry: false });
  }

  revokeApiKey(id: string): Promise<void> {
    return this.delete(at`/v1/api-keys/${id}`);
  }

  /** By name, with the accounts of each. */
  testClocks(query: PageQuery = {}): Promise<Page<ListedTestClock>> {
    return this.get("/v1/test-clocks", query);
  }

  testClock(testClock: string): Promise<TestClock> {
    return this.get(at`/v1/test-clocks/${testClock}`);
  }

  createTestClock(testClock: string, now: string): Promise<TestClock> {
    return this.post("/v1/test-clocks", { testClock, now });
  }

  /** Runs what falls due for the clock's accounts on the way. */
  advanceTestClock(testClock: string, to: string): Promise<TestClock> {
    return this.post(at`/v1/test-clocks/${testClock}/advance`, { to });
  }

  /** Who changed rate sheets, catalogue, keys and webhook endpoints, newest first. */
  operatorAudit(query: AuditQuery = {}): Promise<Page<AuditRecord>> {
    return this.get("/v1/audit", query);
  }

  /** Whether the pipeline behind the accounts keeps up. */
  status(): Promise<Status> {
    return this.get("/v1/status");
  }

  /** Cron runs that handed accounts to billing, newest first. */
  billingRuns(query: PageQuery = {}): Promise<Page<BillingRun>> {
    return this.get("/v1/billing-runs", query);
  }
}
