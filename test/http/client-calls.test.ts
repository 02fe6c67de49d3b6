/** The client has a call for every route that the API describes, and sends what the route takes. */
import { expect, test } from "vitest";
import { Drawdown } from "../../shared/client/client.ts";
import { useServer } from "./support/server.ts";

const server = useServer();

const EVENT = { account: "acme", id: "e 1", feature: "assistant", action: "answer", quantity: 1 };
const OUTCOME = { event: "e 1", outcome: { type: "won" } };

/** By the route's operationId. Names hold what a path may not: it has to arrive all the same. */
const CALLS: Readonly<Record<string, (client: Drawdown) => unknown>> = {
  check: (client) => client.check(EVENT),
  consume: (client) => client.consume(EVENT),
  sendEvents: (client) => client.events([EVENT], "consume"),
  openHold: (client) => client.hold({ ...EVENT, expiresInSeconds: 60 }),
  captureHold: (client) => client.capture("acme", "e/1?", { action: "answer", quantity: 1 }),
  releaseHold: (client) => client.release("acme", "e/1?"),
  getHold: (client) => client.readHold("acme", "e/1?"),
  getEvent: (client) => client.event("acme", "e/1?"),
  correctEvent: (client) => client.correct("acme", { event: "e 1", reason: "wrong" }, "key-1"),
  attachOutcome: (client) => client.attachOutcome("acme", OUTCOME),

  openAccount: (client) => client.createAccount({ account: "acme" }),
  listAccounts: (client) => client.accounts({ limit: 2, cursor: "a" }),
  getAccount: (client) => client.account("acme"),
  changeAccount: (client) => client.changeAccount("acme", { name: "Acme" }),
  suspendAccount: (client) => client.suspendAccount("acme", "unpaid"),
  resumeAccount: (client) => client.resumeAccount("acme"),
  closeAccount: (client) => client.closeAccount("acme", "left"),

  listUsers: (client) => client.users("acme", { limit: 2 }),
  getUser: (client) => client.user("acme", "u/1"),
  putUser: (client) => client.putUser("acme", "u/1", { name: "Ada", roles: ["member"] }),
  removeUser: (client) => client.removeUser("acme", "u/1"),
  eraseUser: (client) => client.eraseUser("acme", "u/1"),
  createPortalSession: (client) => client.createPortalSession("acme", "u/1"),
  listFeatures: (client) => client.features("acme"),
  getFeature: (client) => client.feature("acme", "assistant"),
  putFeature: (client) => client.putFeature("acme", "assistant", { paused: true }),
  listBudgets: (client) => client.budgets("acme"),
  getBudget: (client) => client.budget("acme", "b"),
  putBudget: (client) => client.putBudget("acme", "b", { subject: "user", key: "u", credits: 1 }),
  removeBudget: (client) => client.removeBudget("acme", "b"),
  listAudit: (client) => client.audit("acme", { actor: "ada", limit: 2 }),

  listPacks: (client) => client.packs("acme"),
  quotePack: (client) => client.packQuote("acme", { pack: "pack-1000", quantity: 2 }),
  buyPack: (client) => client.buyPack("acme", { pack: "pack-1000" }, "key-1"),
  changePackRenewal: (client) => client.changeRenewal("acme", "pack_1", { quantity: 1 }),
  endPackRenewal: (client) => client.endRenewal("acme", "pack_1"),
  cancelPack: (client) => client.cancelPack("acme", "pack_1", { reason: "mistake" }, "key-1"),
  getSettings: (client) => client.settings("acme"),
  quoteSettings: (client) => client.settingsQuote("acme", { overageSetting: "pause", maximum: "none" }),
  changeSettings: (client) => client.changeSettings("acme", { overageSetting: "pause" }),
  cancelPendingSetting: (client) => client.cancelPendingSetting("acme"),
  listGrants: (client) => client.grants("acme"),
  grantCredits: (client) => client.grant("acme", { credits: 1, reason: "sorry" }, "key-1"),
  listConversions: (client) => client.conversions("acme"),
  convertPacks: (client) => client.convert("acme", { size: 100, quantity: 1 }, "key-1"),
  importConversions: (client) => client.importConversions("account,size,quantity\n", { dryRun: true }),
  listAccountRates: (client) => client.accountRates("acme"),
  setAccountRates: (client) => client.setAccountRates("acme", { rates: [] }),
  withdrawAccountRates: (client) => client.withdrawAccountRates("acme", 1, { shortNotice: true }),

  getBalance: (client) => client.balance("acme"),
  getPriceList: (client) => client.rates("acme"),
  getUsage: (client) => client.usage("acme", { groupBy: "feature", top: 3 }),
  listLog: (client) => client.log("acme", { from: "2026-11-01", limit: 2 }),
  listPeriods: (client) => client.periods("acme", { limit: 2 }),
  getForecast: (client) => client.forecast("acme"),
  getInsights: (client) => client.insights("acme", { period: "current" }),
  listNotifications: (client) => client.notifications("acme", { limit: 2 }),
  listBanners: (client) => client.banners("acme", { user: "u", audience: "member" }),
  dismissBanner: (client) => client.dismissBanner("acme", { user: "u", banner: "b" }),

  getBilling: (client) => client.billing("acme"),
  listInvoices: (client) => client.invoices("acme", { limit: 2 }),
  getAccountInvoice: (client) => client.accountInvoice("acme", "inv_1"),
  getInvoice: (client) => client.invoice("inv_1"),
  markInvoicePaid: (client) => client.markInvoicePaid("inv_1", "transfer 7"),
  markInvoiceUncollectible: (client) => client.markInvoiceUncollectible("inv_1"),
  voidInvoice: (client) => client.voidInvoice("inv_1", "wrong"),
  reinvoicePeriod: (client) => client.reinvoice("acme", "2026-11-14"),
  reconcileAccount: (client) => client.reconcile("acme", { period: "2026-11-14" }),

  listDeliveries: (client) => client.deliveries({ status: "failed", limit: 2 }),
  getDelivery: (client) => client.delivery("dlv_1"),
  resendDelivery: (client) => client.resendDelivery("dlv_1"),
  resendDeliveries: (client) => client.resendDeliveries({ channel: "webhook" }),
  listDeadLetters: (client) => client.deadLetters({ resent: false }),
  getDeadLetter: (client) => client.deadLetter("m 1"),
  resendDeadLetter: (client) => client.resendDeadLetter("m 1"),
  removeDeadLetter: (client) => client.removeDeadLetter("m 1"),
  listWebhookEndpoints: (client) => client.webhookEndpoints({ limit: 2 }),
  getWebhookEndpoint: (client) => client.webhookEndpoint("we_1"),
  createWebhookEndpoint: (client) => client.createWebhookEndpoint("https://example.com/hook"),
  removeWebhookEndpoint: (client) => client.removeWebhookEndpoint("we_1"),
  rotateWebhookSecret: (client) => client.rotateWebhookSecret("we_1", { graceHours: 1 }),
  disableWebhookEndpoint: (client) => client.disableWebhookEndpoint("we_1"),
  enableWebhookEndpoint: (client) => client.enableWebhookEndpoint("we_1"),
  pingWebhookEndpoint: (client) => client.pingWebhookEndpoint("we_1"),

  getCatalog: (client) => client.catalog(),
  replaceCatalog: (client) => client.putCatalog({ plans: [], packs: [], overageRates: [] }),
  listRateSheets: (client) => client.rateSheets({ limit: 2 }),
  getCurrentRateSheet: (client) => client.rateSheet("current"),
  getRateSheet: (client) => client.rateSheet(1),
  publishRateSheet: (client) => client.publishRateSheet({ features: [] }),
  withdrawRateSheet: (client) => client.withdrawRateSheet(2, { shortNotice: true }),
  quoteRateSheet: (client) => client.quoteRateSheet({ version: 1, accounts: ["acme"] }),
  listApiKeys: (client) => client.apiKeys({ limit: 2 }),
  createApiKey: (client) => client.createApiKey({ name: "product", scopes: ["consume"] }),
  revokeApiKey: (client) => client.revokeApiKey("key_1"),
  createTestClock: (client) => client.createTestClock("spring", "2026-03-01T00:00:00Z"),
  listTestClocks: (client) => client.testClocks({ limit: 2 }),
  getTestClock: (client) => client.testClock("spring"),
  advanceTestClock: (client) => client.advanceTestClock("spring", "2026-04-01T00:00:00Z"),
  listOperatorAudit: (client) => client.operatorAudit({ action: "catalog_changed" }),
  getStatus: (client) => client.status(),
  listBillingRuns: (client) => client.billingRuns({ limit: 2 }),
};

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name?: string; readonly in?: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
}

interface Described extends Operation {
  readonly method: string;
  readonly path: string;
}

async function describedRoutes(): Promise<readonly Described[]> {
  const response = await fetch(`${server.url}/openapi.json`);
  const { paths } = (await response.json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      path,
      method: method.toUpperCase(),
    })),
  );
}

/** What one call sends. */
async function sentBy(call: (client: Drawdown) => unknown): Promise<Request> {
  const sent: Request[] = [];
  const send: typeof fetch = async (url, init) => {
    sent.push(new Request(url, init));
    return Response.json({});
  };
  await call(new Drawdown({ baseUrl: "http://drawdown.test", apiKey: "dd_test", fetch: send }));
  const [request] = sent;
  if (request === undefined || sent.length > 1) throw new Error(`${sent.length} requests were sent`);
  return request;
}

test("every route has a call, and every call a route", async () => {
  const described = (await describedRoutes()).map(({ operationId }) => operationId);
  expect(new Set(Object.keys(CALLS))).toEqual(new Set(described));
});

test("each call sends the method, path, query and body that its route takes", async () => {
  for (const { operationId, method, path, parameters = [], requestBody } of await describedRoutes()) {
    const request = await sentBy(CALLS[operationId] ?? (() => undefined));
    const { pathname, searchParams } = new URL(request.url);
    expect(`${request.method} ${pathname}`, operationId).toMatch(
      new RegExp(`^${method} ${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    );
    const inQuery = parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name);
    for (const name of searchParams.keys()) expect(inQuery, operationId).toContain(name);
    const [contentType = null] = Object.keys(requestBody?.content ?? {});
    expect(request.headers.get("content-type"), operationId).toBe(contentType);
    const takesKey = parameters.some(({ name }) => name === "idempotency-key");
    expect(request.headers.has("idempotency-key"), operationId).toBe(takesKey);
  }
});

test("the actor goes along with every request, where the client has one", async () => {
  const actors: (string | null)[] = [];
  const send: typeof fetch = async (_url, init) => {
    actors.push(new Headers(init?.headers).get("drawdown-actor"));
    return Response.json({ data: [] });
  };
  const options = { baseUrl: "http://drawdown.test", apiKey: "dd_test", fetch: send };
  await new Drawdown({ ...options, actor: "user:u_12" }).banners("acme");
  await new Drawdown({ ...options, actor: "ada@example.com" }).resumeAccount("acme");
  await new Drawdown(options).resumeAccount("acme");
  await new Drawdown({ ...options, actor: "user:Zoë 100%" }).resumeAccount("acme");
  expect(actors).toEqual(["user:u_12", "ada@example.com", null, "user:Zo%C3%AB 100%25"]);
});
