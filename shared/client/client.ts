/**
 * A client of the public API for TypeScript: the calls by name, their types from the server's own schemas, and no
 * dependency. Every call is safe to repeat, by its id or by its nature, unless it says otherwise; so it is repeated
 * while the server cannot be reached or fails (see transport.ts), and nothing is booked twice.
 */
import { readLines } from "./ndjson.ts";
import { type Call, type ClientOptions, Transport } from "./transport.ts";
import type {
  Account,
  ApiKey,
  Balance,
  BoughtPack,
  BuyPack,
  Catalog,
  ChangedSettings,
  ChangeSettings,
  ClosedPeriod,
  CreateAccount,
  CreateApiKey,
  CreatedApiKey,
  Decision,
  Event,
  EventFate,
  EventResult,
  Invoice,
  LogEntry,
  LogFilter,
  Notification,
  OwnedPack,
  Page,
  PageQuery,
  PriceList,
  PublishRateSheet,
  PutUser,
  RateSheet,
  Reconciliation,
  Settings,
  TestClock,
  UsageMode,
  UsageQuery,
  UsageReport,
  User,
} from "./types.ts";

export { type ClientOptions, DrawdownError } from "./transport.ts";
export type * from "./types.ts";

/**
 * @example
 * const drawdown = new Drawdown({ baseUrl: "https://credits.example.com", apiKey });
 * const decision = await drawdown.consume({ account: "acme", id: "req_7f3", feature: "assistant",
 *   action: "input_tokens", quantity: 374 });
 * if (!decision.allowed) return sorry(decision.reason, decision.balance.resetAt);
 *
 * Every method throws a `DrawdownError` where the server refuses the call; a denial is an answer, not an error.
 */
export class Drawdown {
  readonly #transport: Transport;

  constructor(options: ClientOptions) {
    this.#transport = new Transport(options);
  }

  // ---- using credits (rules, section 3)

  /** What `consume` would answer, with the price; books nothing. */
  check(event: Event): Promise<Decision> {
    return this.#post("/v1/check", event);
  }

  /** Allows the event and books it, or denies it and books nothing. */
  consume(event: Event): Promise<Decision> {
    return this.#post("/v1/consume", event);
  }

  /** Up to 1,000 events of any accounts; a result for each, in their order. `record` unless said otherwise. */
  async events(events: readonly Event[], mode: UsageMode = "record"): Promise<readonly EventResult[]> {
    const answer = await this.#post<{ results: readonly EventResult[] }>("/v1/events", { mode, events });
    return answer.results;
  }

  /** What became of an event's id. */
  event(account: string, id: string): Promise<EventFate> {
    return this.#get(`${accountPath(account)}/events/${encodeURIComponent(id)}`);
  }

  // ---- seeing where credits go (rules, section 10)

  balance(account: string): Promise<Balance> {
    return this.#get(`${accountPath(account)}/balance`);
  }

  /** The account's price list. */
  rates(account: string): Promise<PriceList> {
    return this.#get(`${accountPath(account)}/rates`);
  }

  usage(account: string, query: UsageQuery = {}): Promise<UsageReport> {
    return this.#get(`${accountPath(account)}/usage`, query);
  }

  /** A page of the usage log, newest first. */
  log(account: string, query: LogFilter & PageQuery = {}): Promise<Page<LogEntry>> {
    return this.#get(`${accountPath(account)}/log`, query);
  }

  /** The whole usage log, entry by entry, newest first; throws where the export breaks off. */
  async *logEntries(account: string, filter: LogFilter = {}): AsyncGenerator<LogEntry> {
    const headers = { accept: "application/x-ndjson" };
    yield* readLines<LogEntry>(
      await this.#transport.stream({
        method: "GET",
        path: `${accountPath(account)}/log`,
        query: filter,
        headers,
      }),
    );
  }

  /** Closed periods, newest first. */
  periods(account: string, query: PageQuery = {}): Promise<Page<ClosedPeriod>> {
    return this.#get(`${accountPath(account)}/periods`, query);
  }

  notifications(account: string, query: PageQuery = {}): Promise<Page<Notification>> {
    return this.#get(`${accountPath(account)}/notifications`, query);
  }

  /** Whether balance, log, roll-ups and invoices agree, and where not. */
  reconcile(account: string): Promise<Reconciliation> {
    return this.#post(`${accountPath(account)}/reconciliation`);
  }

  // ---- accounts and money (rules, sections 2, 5 and 7)

  /** Opens an account, or answers with it where it is open as the body says. */
  createAccount(body: CreateAccount): Promise<Account> {
    return this.#post("/v1/accounts", body);
  }

  account(account: string): Promise<Account> {
    return this.#get(accountPath(account));
  }

  putUser(account: string, user: string, body: PutUser): Promise<User> {
    return this.#put(`${accountPath(account)}/users/${encodeURIComponent(user)}`, body);
  }

  packs(account: string): Promise<Page<OwnedPack>> {
    return this.#get(`${accountPath(account)}/packs`);
  }

  /** Buys once per `idempotencyKey`; without one every call buys, even where the last one's answer was lost. */
  buyPack(account: string, body: BuyPack, idempotencyKey: string = crypto.randomUUID()): Promise<BoughtPack> {
    const headers = { "idempotency-key": idempotencyKey };
    return this.#transport.json({ method: "POST", path: `${accountPath(account)}/packs`, body, headers });
  }

  settings(account: string): Promise<Settings> {
    return this.#get(`${accountPath(account)}/settings`);
  }

  changeSettings(account: string, body: ChangeSettings): Promise<ChangedSettings> {
    return this.#put(`${accountPath(account)}/settings`, body);
  }

  invoices(account: string, query: PageQuery = {}): Promise<Page<Invoice>> {
    return this.#get(`${accountPath(account)}/invoices`, query);
  }

  invoice(invoice: string): Promise<Invoice> {
    return this.#get(`/v1/invoices/${encodeURIComponent(invoice)}`);
  }

  // ---- for the operator (rules, sections 8 and 12)

  catalog(): Promise<Catalog> {
    return this.#get("/v1/catalog");
  }

  putCatalog(body: Catalog): Promise<Catalog> {
    return this.#put("/v1/catalog", body);
  }

  rateSheet(version: number | "current"): Promise<RateSheet> {
    return this.#get(`/v1/rate-sheets/${version}`);
  }

  /** Publishes the next version. Not repeated: each call publishes one. */
  publishRateSheet(body: PublishRateSheet): Promise<RateSheet> {
    return this.#post("/v1/rate-sheets", body, { retry: false });
  }

  /** Never the keys themselves: they are shown once, when they are minted. */
  apiKeys(query: PageQuery = {}): Promise<Page<ApiKey>> {
    return this.#get("/v1/api-keys", query);
  }

  /** Not repeated: each call mints a key. */
  createApiKey(body: CreateApiKey): Promise<CreatedApiKey> {
    return this.#post("/v1/api-keys", body, { retry: false });
  }

  revokeApiKey(id: string): Promise<void> {
    return this.#transport.json({ method: "DELETE", path: `/v1/api-keys/${encodeURIComponent(id)}` });
  }

  createTestClock(testClock: string, now: string): Promise<TestClock> {
    return this.#post("/v1/test-clocks", { testClock, now });
  }

  /** Runs what falls due for the clock's accounts on the way. */
  advanceTestClock(testClock: string, to: string): Promise<TestClock> {
    return this.#post(`/v1/test-clocks/${encodeURIComponent(testClock)}/advance`, { to });
  }

  #get<Answer>(path: string, query?: object): Promise<Answer> {
    return this.#transport.json({ method: "GET", path, ...(query === undefined ? {} : { query }) });
  }

  #post<Answer>(path: string, body?: unknown, options: Pick<Call, "retry"> = {}): Promise<Answer> {
    return this.#transport.json({ method: "POST", path, body, ...options });
  }

  #put<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.#transport.json({ method: "PUT", path, body });
  }
}

function accountPath(account: string): string {
  return `/v1/accounts/${encodeURIComponent(account)}`;
}
