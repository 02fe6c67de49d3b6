/** For the operator (rules, sections 8 and 12). */
import { AccountCalls } from "./account-calls.ts";
import type {
  ApiKey,
  Catalog,
  CreateApiKey,
  CreatedApiKey,
  Page,
  PageQuery,
  PublishRateSheet,
  RateSheet,
  TestClock,
} from "./types.ts";

export class OperatorCalls extends AccountCalls {
  catalog(): Promise<Catalog> {
    return this.get("/v1/catalog");
  }

  putCatalog(body: Catalog): Promise<Catalog> {
    return this.put("/v1/catalog", body);
  }

  rateSheet(version: number | "current"): Promise<RateSheet> {
    return this.get(`/v1/rate-sheets/${version}`);
  }

  /** Publishes the next version. Not repeated: each call publishes one. */
  publishRateSheet(body: PublishRateSheet): Promise<RateSheet> {
    return this.post("/v1/rate-sheets", body, { retry: false });
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
    return this.transport.json({ method: "DELETE", path: `/v1/api-keys/${encodeURIComponent(id)}` });
  }

  createTestClock(testClock: string, now: string): Promise<TestClock> {
    return this.post("/v1/test-clocks", { testClock, now });
  }

  /** Runs what falls due for the clock's accounts on the way. */
  advanceTestClock(testClock: string, to: string): Promise<TestClock> {
    return this.post(`/v1/test-clocks/${encodeURIComponent(testClock)}/advance`, { to });
  }
}
