/** Quotes of purchases and settings: what they say comes true when the change is made. */
import { beforeAll, describe, expect, test } from "vitest";
import { badFields, CATALOG, call, FEATURES, keyWith, sell } from "./api.ts";
import { type Clocked, openClocked } from "./clocked.ts";

const LARGE = {
  pack: "pack-5000",
  name: "5,000 credits",
  credits: 5000,
  prices: [{ amountMinor: 4500, currency: "USD" }],
};
const EUROPEAN = { ...LARGE, pack: "pack-eu", prices: [{ amountMinor: 4000, currency: "EUR" }] };
const TAX = { name: "VAT", percent: "20" };

let key = "";

beforeAll(async () => {
  key = await keyWith("test");
  await sell("PUT", "/v1/catalog", { ...CATALOG, packs: [...CATALOG.packs, LARGE, EUROPEAN] });
  await sell("POST", "/v1/rate-sheets", { effectiveAt: "2026-01-01T00:00:00Z", features: FEATURES });
});

const buy = (account: Clocked, body: object) => account.send("POST", "/packs", body);
const quote = (account: Clocked, query: string) => account.send("GET", `/packs/quote?${query}`);
const settingsQuote = (account: Clocked, query: string) => account.send("GET", `/settings/quote?${query}`);

interface QuotedPack {
  readonly limit: { readonly after: number };
  readonly maximum: { readonly after: number | null };
  readonly overageSetting: { readonly after: string };
  readonly term: { readonly end: string; readonly periods: number };
  readonly invoice: { readonly total: unknown; readonly dueAt: string; readonly lines: unknown };
}

/** What a quote says, as the account then has it. */
async function afterwards(account: Clocked) {
  const [settings, packs, invoices] = await Promise.all([
    account.get("/settings"),
    account.get("/packs"),
    account.get("/invoices"),
  ]);
  const [newest] = invoices.data as readonly QuotedPack["invoice"][];
  return { settings, term: packs.term as QuotedPack["term"], invoice: newest };
}

async function comesTrue(account: Clocked, query: string, body: object): Promise<QuotedPack> {
  const quoted = (await quote(account, query)).body as unknown as QuotedPack;
  expect(await buy(account, body)).toMatchObject({ status: 201 });
  const { settings, term, invoice } = await afterwards(account);
  expect(settings).toMatchObject({
    limit: quoted.limit.after,
    maximum: quoted.maximum.after,
    overageSetting: quoted.overageSetting.after,
  });
  expect(term).toEqual(quoted.term);
  expect(invoice).toMatchObject({
    total: quoted.invoice.total,
    dueAt: quoted.invoice.dueAt,
    lines: quoted.invoice.lines,
  });
  return quoted;
}

describe("what a purchase would come to", () => {
  test("only what is on sale in the account's currency is listed", async () => {
    const account = await openClocked(key);
    expect(await account.get("/packs")).toMatchObject({
      data: [],
      onSale: [
        { pack: "pack-1000", credits: 1000, pricePerCredit: "0.01", upgrade: true },
        { pack: "pack-5000", credits: 5000, pricePerCredit: "0.009", upgrade: false },
      ],
    });
  });

  test("the first pack, with setting, maximum and tax, is as it was quoted", async () => {
    const account = await openClocked(key, { tax: TAX, termPeriods: 3, anchorDate: "2026-10-31" });
    const query = "pack=pack-5000&quantity=2&overageSetting=pay_as_you_go&maximum=12000";
    const body = { pack: "pack-5000", quantity: 2, overageSetting: "pay_as_you_go", maximum: 12_000 };
    const quoted = await comesTrue(account, query, body);
    expect(quoted).toMatchObject({
      first: true,
      limit: { before: 500, after: 10_500 },
      packsAmount: { before: { amountMinor: 0 }, after: { amountMinor: 9000 } },
      invoice: { subtotal: { amountMinor: 9000 }, total: { amountMinor: 10_800 } },
      term: { periods: 3 },
    });
  });

  test("a later pack raises the maximum only where the limit passes it", async () => {
    const account = await openClocked(key);
    await buy(account, { pack: "pack-1000", maximum: 2600 });
    const stays = await comesTrue(account, "pack=pack-1000&quantity=1", { pack: "pack-1000" });
    expect(stays).toMatchObject({ first: false, maximum: { before: 2600, after: 2600 } });
    const raised = await comesTrue(account, "pack=pack-1000", { pack: "pack-1000" });
    expect(raised.maximum).toEqual({ before: 2600, after: 3500 });
  });

  test("nothing is bought, and what would be refused is refused with its field", async () => {
    const account = await openClocked(key);
    await quote(account, "pack=pack-1000");
    expect(await account.get("/packs")).toMatchObject({ data: [], term: null });
    const bad = async (query: string) => badFields(await account.send("GET", `/packs/quote?${query}`));
    expect(await bad("pack=none-such")).toEqual(["pack"]);
    expect(await bad("pack=pack-eu")).toEqual(["pack"]);
    expect(await bad("pack=pack-1000&quantity=0")).toEqual(["quantity"]);
    expect(await bad("pack=pack-1000&quantity=1.5")).toEqual(["quantity"]);
    expect(await bad("pack=pack-1000&maximum=1.0000001")).toEqual(["maximum"]);
    expect(await bad("pack=pack-1000&maximum=a+lot")).toEqual(["maximum"]);
    await buy(account, { pack: "pack-1000" });
    expect(await bad("pack=pack-1000&overageSetting=pause")).toEqual(["overageSetting"]);
  });
});

describe("what a change of settings would come to", () => {
  test("without packs each setting is closed, and says why", async () => {
    const account = await openClocked(key);
    const { choices } = (await account.get("/settings")) as { choices: readonly { refused: string }[] };
    expect(choices.map(({ refused }) => refused)).toEqual(Array(3).fill("packs_required"));
    expect(await settingsQuote(account, "overageSetting=pause")).toMatchObject({
      status: 409,
      body: { code: "packs_required" },
    });
  });

  test("without a price pay as you go is closed", async () => {
    const account = await openClocked(key, { currency: "EUR" });
    expect(await buy(account, { pack: "pack-eu" })).toMatchObject({ status: 201 });
    expect(await account.get("/settings")).toMatchObject({
      choices: [
        { overageSetting: "pause", refused: null },
        { overageSetting: "auto_upgrade", refused: null },
        { overageSetting: "pay_as_you_go", refused: "overage_price_missing" },
      ],
    });
    const answer = await settingsQuote(account, "overageSetting=pay_as_you_go");
    expect(answer).toMatchObject({ status: 409, body: { code: "overage_price_missing" } });
  });

  test.each([
    { used: 0, effective: "now" },
    { used: 1, effective: "at_reset" },
  ])("with $used used it takes effect $effective, as then it does", async ({ used, effective }) => {
    const account = await openClocked(key);
    await buy(account, { pack: "pack-1000" });
    if (used > 0) await account.use("e1", used);
    const quoted = (await settingsQuote(account, "overageSetting=pay_as_you_go&maximum=none")).body;
    expect(quoted).toMatchObject({ effective, maximum: null, maximumReached: false });
    const body = { overageSetting: "pay_as_you_go", maximum: null };
    const { body: changed } = await account.send("PUT", "/settings", body);
    expect(changed).toMatchObject({ effective: quoted.effective, effectiveAt: quoted.effectiveAt });
  });

  test("the last period's use is priced under the setting, with its lines", async () => {
    const account = await openClocked(key);
    await buy(account, { pack: "pack-1000", overageSetting: "pay_as_you_go" });
    await account.use("e1", 1737);
    await account.advance("2026-12-15T00:00:00Z");
    await account.use("e2", 3);
    const lastOf = async (query: string) => {
      const { examples } = (await settingsQuote(account, query)).body as { examples: readonly unknown[] };
      return examples[0];
    };
    const base = { basis: "last_period", used: 1737 };
    expect(await lastOf("")).toMatchObject({
      ...base,
      option: {
        lines: [{ part: "committed" }, { part: "overage", quantity: 230, amount: { amountMinor: 230 } }],
        total: { amountMinor: 1230 },
        uncovered: 0,
      },
    });
    expect(await lastOf("overageSetting=auto_upgrade")).toMatchObject({
      ...base,
      option: {
        lines: [{ part: "committed" }, { part: "automatic", quantity: 1 }],
        total: { amountMinor: 2000 },
      },
    });
    expect(await lastOf("overageSetting=pause")).toMatchObject({
      ...base,
      option: { total: { amountMinor: 1000 }, uncovered: 237 },
    });
    expect(await lastOf("maximum=1600")).toMatchObject({
      ...base,
      option: { total: { amountMinor: 1100 }, uncovered: 137 },
    });
  });

  test("a maximum below what is used says that it pauses at once", async () => {
    const account = await openClocked(key);
    await buy(account, { pack: "pack-1000" });
    await account.use("e1", 10);
    expect(await settingsQuote(account, "maximum=10")).toMatchObject({ body: { maximumReached: true } });
    expect(await settingsQuote(account, "maximum=10.5")).toMatchObject({ body: { maximumReached: false } });
    expect(await call(key, "GET", `/v1/accounts/${account.account}/settings`)).toMatchObject({
      body: { maximum: null },
    });
  });
});
