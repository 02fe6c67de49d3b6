/** What a back office does, through the client and against a real server: its calls and types say what the server does. */
import { describe, expect, test } from "vitest";
import { Drawdown, everyItem } from "../../shared/client/client.ts";
import { TestAccount } from "./support/account.ts";
import { UNIT } from "./support/operator.ts";
import { useServer } from "./support/server.ts";

const server = useServer();

const PACK = { pack: "pack-1000", quantity: 1 };

function openAccount(options: Parameters<typeof TestAccount.open>[1] = {}): Promise<TestAccount> {
  return TestAccount.open(server.test, { plans: ["plan-500"], ...options });
}

/** The same key, in somebody's name. */
function as(actor: string): Drawdown {
  return new Drawdown({ baseUrl: server.url, apiKey: server.keys.test, actor });
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream).text();
}

describe("people", () => {
  test("users, access, budgets and features are put, read and removed", async () => {
    const { test: drawdown } = server;
    const { account } = await openAccount();
    const ada = { name: "Ada", email: "ada@example.com", roles: ["member" as const], teams: ["support"] };
    expect(await drawdown.putUser(account, "u/1", ada)).toMatchObject({ user: "u/1", teams: ["support"] });
    await drawdown.putUser(account, "u/2", { name: "Bob", roles: ["feature_owner"] });
    const everybody: string[] = [];
    for await (const user of everyItem((page) => drawdown.users(account, { ...page, limit: 1 }))) {
      everybody.push(user.user);
    }
    expect(everybody).toEqual(["u/1", "u/2"]);

    const access = { owner: "u/2", access: { teams: ["support"] } };
    expect(await drawdown.putFeature(account, UNIT.feature, access)).toMatchObject({ owner: "u/2" });
    const event = { account, ...UNIT, quantity: 1 };
    expect(await drawdown.check({ ...event, id: "a", user: "u/2" })).toMatchObject({
      reason: "not_permitted",
    });
    const budget = { subject: "user", key: "u/1", credits: 10, hard: true } as const;
    expect(await drawdown.putBudget(account, "ada", budget)).toMatchObject({ budget: "ada", left: 10 });
    await drawdown.consume({ ...event, id: "b", user: "u/1", quantity: 8 });
    expect(await drawdown.budget(account, "ada")).toMatchObject({ used: 8, left: 2 });
    expect((await drawdown.features(account)).data.find(({ owner }) => owner === "u/2")?.feature).toBe(
      UNIT.feature,
    );
    await drawdown.removeBudget(account, "ada");
    expect(await drawdown.budgets(account)).toEqual({ data: [], nextCursor: null });

    expect(await drawdown.eraseUser(account, "u/1")).toMatchObject({ email: null, erased: true });
    await drawdown.removeUser(account, "u/2");
    await expect(drawdown.user(account, "u/2")).rejects.toMatchObject({
      problem: { status: 404, code: "user_not_found" },
    });
  });

  test("who acts is in the audit log, and may do what the role allows", async () => {
    const { account } = await openAccount();
    await server.test.putUser(account, "bòss", { name: "Boss", roles: ["super_admin"] });
    await server.test.putUser(account, "lee", { name: "Lee", roles: ["member"] });
    await as("user:bòss").buyPack(account, PACK);
    await as("grace@operator").grant(account, { credits: 5, reason: "sorry" });
    for (const [actor, action] of [
      ["user:bòss", "pack_bought"],
      ["grace@operator", "grant_added"],
    ] as const) {
      expect((await server.test.audit(account, { actor })).data, actor).toMatchObject([{ actor, action }]);
    }
    const refused = { problem: { status: 403, code: "role_missing" } };
    await expect(as("user:lee").buyPack(account, PACK)).rejects.toMatchObject(refused);
    await expect(as("user:bòss").grant(account, { credits: 5, reason: "x" })).rejects.toMatchObject(refused);
    await expect(as("user:bòss").status()).rejects.toMatchObject(refused);
    expect((await as("user:lee").usage(account, { user: "lee" })).account).toBe(account);
  });
});

describe("packs and terms", () => {
  test("a pack is bought once per key, renews otherwise, and is taken back with a credit note", async () => {
    const { test: drawdown } = server;
    const { account } = await openAccount({ pack: PACK });
    const first = await drawdown.buyPack(account, { ...PACK, quantity: 2 }, "order-1");
    expect(await drawdown.buyPack(account, { ...PACK, quantity: 2 }, "order-1")).toEqual({
      ...first,
      replayed: true,
    });
    const renewed = await drawdown.changeRenewal(account, first.bought.id, { quantity: 1 });
    expect(renewed.pack.renewal).toMatchObject({ quantity: 1 });
    expect((await drawdown.endRenewal(account, "pack_1")).pack.renewal).toMatchObject({ quantity: 0 });
    const { term, data } = await drawdown.packs(account);
    expect(term).toMatchObject({ period: 1, periods: 12 });
    expect(data.map(({ quantity }) => quantity)).toEqual([1, 2]);
    const cancelled = await drawdown.cancelPack(account, first.bought.id, { reason: "by mistake" }, "c-1");
    expect(cancelled).toMatchObject({ cancelled: { quantity: 2 }, balance: { limit: 1500 } });
    expect((await drawdown.invoices(account)).data.map(({ kind }) => kind)).toEqual([
      "credit_note",
      "packs",
      "packs",
    ]);
  });

  test("settings wait and are taken back; grants and conversions raise the limit; own rates override", async () => {
    const { test: drawdown } = server;
    const opened = await openAccount({ pack: PACK });
    const { account } = opened;
    await opened.use(1);
    const waiting = await drawdown.changeSettings(account, { overageSetting: "pay_as_you_go" });
    expect(waiting.effective).toBe("at_reset");
    expect((await drawdown.cancelPendingSetting(account)).pending).toBeNull();

    await drawdown.grant(account, { credits: 250, reason: "outage" }, "g-1");
    expect((await drawdown.grants(account)).data).toMatchObject([{ credits: 250, reason: "outage" }]);
    await drawdown.convert(account, { size: 100, quantity: 1 }, "c-1");
    const file = `account,size,quantity,reference\n${account},100,2,order-1\n${account},7,1,order-2\n`;
    expect(await drawdown.importConversions(file, { dryRun: true })).toMatchObject({
      dryRun: true,
      converted: 1,
      refused: 1,
    });
    expect(await drawdown.importConversions(file)).toMatchObject({ dryRun: false, converted: 1 });
    expect(await drawdown.importConversions(file)).toMatchObject({ converted: 0, alreadyDone: 1 });
    expect((await drawdown.conversions(account)).data).toHaveLength(2);
    expect((await drawdown.balance(account)).limit).toBe(500 + 1000 + 250 + 3000 + 6000);

    const rates = [{ ...UNIT, credits: 0.5 }];
    expect(await drawdown.setAccountRates(account, { rates })).toMatchObject({ version: 1, inForce: true });
    expect(await opened.use(2)).toMatchObject({ credits: 1 });
    const effectiveAt = "2027-06-01T00:00:00Z";
    await drawdown.setAccountRates(account, { rates: [], effectiveAt });
    expect(await drawdown.withdrawAccountRates(account, 2)).toMatchObject({ version: 2 });
    expect((await drawdown.accountRates(account)).data).toMatchObject([{ version: 1 }]);
  });

  test("an account is changed, suspended, resumed and closed", async () => {
    const { test: drawdown } = server;
    const { account } = await openAccount();
    expect(await drawdown.changeAccount(account, { name: "Acme" })).toMatchObject({ name: "Acme" });
    expect(await drawdown.suspendAccount(account, "unpaid")).toMatchObject({ status: "suspended" });
    const event = { account, id: "a", ...UNIT, quantity: 1 };
    expect(await drawdown.consume(event)).toMatchObject({ reason: "account_suspended" });
    expect(await drawdown.resumeAccount(account)).toMatchObject({ status: "open" });
    expect(await drawdown.closeAccount(account, "left")).toMatchObject({ status: "closed" });
    await expect(drawdown.buyPack(account, PACK)).rejects.toMatchObject({
      problem: { status: 409, code: "account_closed" },
    });
    const listed: string[] = [];
    for await (const { account: id } of everyItem((page) => drawdown.accounts(page))) listed.push(id);
    expect(listed).toContain(account);
  });
});

describe("money", () => {
  test("an invoice is paid, written off, or void and billed again; all of it reconciles", async () => {
    const { test: drawdown } = server;
    const opened = await openAccount({ pack: { ...PACK, overageSetting: "pay_as_you_go" } });
    const { account } = opened;
    await opened.use(1700);
    expect((await drawdown.billing(account)).overage).toMatchObject({ billable: 200, billed: 200 });
    await opened.advanceTo("2026-12-21T00:00:00Z");
    const { data } = await drawdown.invoices(account);
    const [overage, purchase] = [data.find(({ kind }) => kind === "overage"), data.at(-1)];
    if (overage === undefined || purchase === undefined) throw new Error("both are there");
    expect(overage.total).toEqual({ amountMinor: 200, currency: "USD" });

    expect(await drawdown.markInvoicePaid(purchase.invoice, "transfer 7")).toMatchObject({
      status: "paid",
      paymentReference: "transfer 7",
    });
    expect(await drawdown.voidInvoice(overage.invoice, "wrong address")).toMatchObject({ status: "void" });
    const again = await drawdown.reinvoice(account, overage.period.name);
    expect(again).toMatchObject({ kind: "overage", total: overage.total });
    expect(await drawdown.markInvoiceUncollectible(again.invoice)).toMatchObject({ status: "uncollectible" });
    expect(await drawdown.invoice(again.invoice)).toMatchObject({ number: again.number });
    expect(await drawdown.invoicePage(again.invoice)).toContain(again.number);
    expect(await drawdown.reconcile(account)).toMatchObject({ ok: true, mismatches: [] });
    expect((await drawdown.reconcile(account, { period: overage.period.name })).periods).toHaveLength(1);
  });

  test("lists are exported whole, as CSV and as lines of JSON", async () => {
    const { test: drawdown } = server;
    const opened = await openAccount({ pack: PACK });
    await opened.use(3);
    await opened.use(4);
    const { account } = opened;
    const lines = (text: string) => text.trimEnd().split(/\r?\n/);
    expect(lines(await textOf(await drawdown.export(account, "log", "csv")))).toHaveLength(3);
    const invoices = lines(await textOf(await drawdown.export(account, "invoices", "ndjson")));
    expect(invoices.map((line) => JSON.parse(line).kind)).toEqual(["packs"]);
    const days = await textOf(await drawdown.export(account, "usage", "csv", { groupBy: "feature" }));
    expect(lines(days)[1]).toContain(UNIT.feature);
    expect(lines(await textOf(await drawdown.export(account, "periods", "csv")))).toHaveLength(1);
    const narrowed: number[] = [];
    for await (const { credits } of drawdown.logEntries(account, { from: "2026-11-21" }))
      narrowed.push(credits);
    expect(narrowed).toEqual([]);
  });

  test("forecast, insights and banners read as typed", async () => {
    const { test: drawdown } = server;
    const opened = await openAccount();
    await opened.use(480);
    const { account } = opened;
    expect((await drawdown.forecast(account)).projected.expected).toBeGreaterThanOrEqual(480);
    expect((await drawdown.insights(account, { period: "current" })).total.credits).toBe(480);
    const [banner] = await drawdown.banners(account, { user: "boss" });
    expect(banner).toMatchObject({ data: { kind: "usage_threshold", percent: 90 } });
    await drawdown.dismissBanner(account, { user: "boss", banner: banner?.id ?? "" });
    expect(await drawdown.banners(account, { user: "boss" })).toEqual([]);
  });
});

describe("the operator", () => {
  test("publishes, quotes and withdraws rate sheets", async () => {
    const { live, test: drawdown } = server;
    const opened = await openAccount();
    await opened.use(10);
    const features = [{ feature: UNIT.feature, actions: [{ action: UNIT.action, credits: 3 }] }];
    const range = { from: "2026-11-01", to: "2026-11-30" };
    expect(await drawdown.quoteRateSheet({ accounts: [opened.account], features, ...range })).toMatchObject({
      total: { booked: 10, draft: 30, difference: 20 },
    });
    const draft = await live.publishRateSheet({ features, effectiveAt: "2028-01-01T00:00:00Z" });
    expect((await live.rateSheets({ limit: 1 })).data).toMatchObject([{ version: draft.version }]);
    expect((await live.withdrawRateSheet(draft.version)).withdrawnAt).not.toBeNull();
    expect((await live.operatorAudit({ action: "rate_sheet_withdrawn" })).data).toHaveLength(1);
  });

  test("looks after endpoints, deliveries and dead letters", async () => {
    const { test: drawdown } = server;
    const added = await drawdown.createWebhookEndpoint("http://127.0.0.1:9/hook");
    const rotated = await drawdown.rotateWebhookSecret(added.id, { graceHours: 1 });
    expect(rotated.secret).not.toBe(added.secret);
    expect(rotated.previousSecretUntil).not.toBeNull();
    expect((await drawdown.disableWebhookEndpoint(added.id)).disabledAt).not.toBeNull();
    expect((await drawdown.enableWebhookEndpoint(added.id)).disabledAt).toBeNull();
    // Nobody listens there.
    const ping = await drawdown.pingWebhookEndpoint(added.id);
    expect(ping).toMatchObject({ kind: "ping", channel: "webhook", status: "failed" });
    const { data: sent } = await drawdown.deliveries({ target: added.id });
    expect(sent.filter(({ kind }) => kind === "ping").map(({ id }) => id)).toEqual([ping.id]);
    expect((await drawdown.delivery(ping.id)).log).toHaveLength(1);
    expect(await drawdown.resendDeliveries({ channel: "email" })).toEqual({ resent: 0, more: false });
    expect(await drawdown.deadLetters({ resent: false })).toEqual({ data: [], nextCursor: null });
    await drawdown.removeWebhookEndpoint(added.id);
    expect((await drawdown.webhookEndpoints()).data).toEqual([]);
  });

  test("sees whether the pipeline keeps up", async () => {
    // Cron does not run in these tests, and that shows.
    expect(await server.live.status()).toMatchObject({
      ok: false,
      problems: ["cron_late"],
      mode: "live",
      database: { reachable: true },
    });
    expect(await server.live.billingRuns()).toEqual({ data: [], nextCursor: null });
  });
});
