/** Credit settings, packs and invoices, as an admin meets them: each form, its errors, and what comes of it. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { DESKTOP, PHONE } from "./support/browser.ts";
import { expectAccessible, expectCheap, expectFitsWidth } from "./support/checks.ts";
import { errorOf, flashOf, press } from "./support/seen.ts";
import { usePages } from "./support/world.ts";

const world = usePages();

const ADMIN = "bill";
const TAX = { name: "VAT", percent: "8.875" };
const DEVICES = [
  ["phone, dark", { viewport: PHONE, colorScheme: "dark", javaScript: true }],
  ["desktop without JavaScript", { viewport: DESKTOP, colorScheme: "light", javaScript: false }],
] as const;

let opened = 0;

/** An account of its own for a test: 500 included credits, tax, and a billing admin. */
async function open(more: Readonly<Record<string, unknown>> = {}, client = world.live): Promise<string> {
  opened += 1;
  const account = `walk_billing_${opened}`;
  await client.createAccount({ account, plans: ["starter"], tax: TAX, ...more });
  await client.putUser(account, ADMIN, { name: "Bill Ing", roles: ["billing_admin"] });
  return account;
}

async function use(account: string, credits: number, client = world.live): Promise<void> {
  opened += 1;
  const event = { id: `use_${opened}`, feature: "data_agent", action: "record_enriched", quantity: credits };
  await client.events([{ account, ...event }]);
}

const signIn = (account: string, options: Parameters<typeof world.signIn>[1] = {}) =>
  world.signIn({ account, user: ADMIN }, options);

async function visit(page: Page, path: string): Promise<void> {
  const answer = await page.goto(path);
  if (answer === null) throw new Error(`no answer: ${path}`);
  expect(answer.status(), path).toBe(200);
  expectCheap(answer);
}

/** What needs scripts to be looked at is looked at on devices that have them. */
async function expectFine(page: Page, { javaScript = true }: { javaScript?: boolean } = {}): Promise<void> {
  if (!javaScript) return;
  await expectFitsWidth(page);
  await expectAccessible(page);
}

const table = (page: Page, name: string) => page.getByRole("table", { name });
const row = (page: Page, of: string, name: string) =>
  table(page, of).getByRole("row").filter({ hasText: name });

const totalOf = (page: Page, of: string) =>
  table(page, of)
    .getByRole("row", { name: /^Total/ })
    .innerText();

/** The value of a fact. */
const fact = (page: Page, name: string) => page.locator(`dt:text-is("${name}") + dd`).innerText();

/** A page's form, sent as a browser would, as often as an impatient finger does. */
const send = (account: string, path: string, fields: Readonly<Record<string, string>>) =>
  world.post({ account, user: ADMIN }, `/accounts/${account}${path}`, fields);

describe.each(DEVICES)("buying packs: %s", (_, options) => {
  test("the first one, with a setting and a maximum", async () => {
    const account = await open();
    const page = await signIn(account, options);
    await visit(page, `/accounts/${account}/settings`);
    expect(await page.locator("main").innerText()).toContain("This account has no packs");
    expect(await page.getByRole("button", { name: "Next: maximum" }).count()).toBe(0);
    await expectFine(page, options);

    await page.getByRole("link", { name: "Add credits" }).click();
    await page.getByLabel("1,000 credits a month").check();
    await page.getByLabel("How many?").fill("2");
    await page.getByLabel("Pay as you go").check();
    await page.getByLabel("At most this many credits").check();
    await page.getByLabel("Maximum in credits").fill("3 000");
    await expectFine(page, options);
    await press(page, "Next: review");
    const changes = "What the purchase changes";
    expect(await row(page, changes, "Credits this month").innerText()).toMatch(/500\s+2,500/);
    expect(await row(page, changes, "Packs a month").innerText()).toMatch(/\$0\.00\s+\$20\.00/);
    expect(await row(page, changes, "Maximum").innerText()).toMatch(/None\s+3,000/);
    expect(await row(page, changes, "Above the limit").innerText()).toMatch(/Pause.*\s+Pay as you go/);
    expect(await row(page, "Lines", "VAT 8.875%").innerText()).toContain("$1.78");
    expect(await totalOf(page, "Lines")).toContain("$21.78");
    expect(await page.locator("main").innerText()).toContain("at each of the 11 resets left");
    await expectFine(page, options);
    expect((await world.live.packs(account)).data).toEqual([]);

    await press(page, "Buy 2 packs");
    expect(await flashOf(page)).toContain("The limit is now 2,500 credits");
    expect(await world.live.settings(account)).toMatchObject({
      overageSetting: "pay_as_you_go",
      maximum: 3000,
      limit: 2500,
    });
    expect(await row(page, "Your packs", "1,000 credits a month").innerText()).toMatch(
      /2\s+2,000\s+\$20\.00/,
    );
    await expectFine(page, options);
  });

  test("a bad number of them is said beside the field, and the way back keeps what was chosen", async () => {
    const account = await open();
    await world.live.buyPack(account, { pack: "pack-1000", maximum: 1500 });
    const page = await signIn(account, options);
    await visit(page, `/accounts/${account}/packs`);
    await page.getByRole("link", { name: "Buy 10,000 credits a month" }).click();
    const quantity = page.getByLabel("How many?");
    await quantity.fill("0");
    await press(page, "Next: review");
    expect(await errorOf(quantity)).toBe("must be a whole number from 1 to 10000");
    expect(await quantity.inputValue()).toBe("0");
    expect(await page.getByLabel("10,000 credits a month").isChecked()).toBe(true);
    await expectFine(page, options);

    await quantity.fill("3");
    await press(page, "Next: review");
    expect(await page.locator("main").innerText()).toContain("The maximum rises to 31,500 credits");
    await page.getByRole("link", { name: "Back" }).click();
    expect(await quantity.inputValue()).toBe("3");
    expect(await page.getByLabel("10,000 credits a month").isChecked()).toBe(true);
  });
});

describe("a purchase", () => {
  test("that is sent twice buys once", async () => {
    const account = await open();
    const page = await signIn(account);
    await visit(page, `/accounts/${account}/packs/buy?pack=pack-1000&quantity=1&setting=pause&limit=none`);
    const hidden = page.locator("#form-buy input[type=hidden]");
    const fields = await hidden.evaluateAll((inputs) =>
      inputs.map((input) => [
        (input as { name?: string }).name ?? "",
        (input as { value?: string }).value ?? "",
      ]),
    );
    const form = Object.fromEntries(fields);
    const answers = await Promise.all([send(account, "/packs/buy", form), send(account, "/packs/buy", form)]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    await press(page, "Buy this pack");
    expect(await flashOf(page)).toContain("Bought");
    const { data } = await world.live.packs(account);
    expect(data.map(({ quantity }) => quantity)).toEqual([1]);
    expect((await world.live.invoices(account)).data).toHaveLength(1);
  });
});

describe("a pack of the account", () => {
  test("renews as fewer, never as more, or not at all", async () => {
    const account = await open();
    await world.live.buyPack(account, { pack: "pack-1000", quantity: 3 });
    const page = await signIn(account);
    await visit(page, `/accounts/${account}/packs`);
    await page.getByRole("link", { name: "1,000 credits a month" }).first().click();
    const quantity = page.getByLabel("How many");
    await quantity.fill("4");
    await press(page, "Save the renewal");
    expect(await errorOf(quantity)).toContain("at most the 3,000 credits that it has now");
    expect(await quantity.inputValue()).toBe("4");
    await expectFine(page);
    await quantity.fill("2");
    await press(page, "Save the renewal");
    expect(await flashOf(page)).toContain("Renews as 2 × 1,000 credits a month");
    await press(page, "Do not renew");
    expect(await flashOf(page)).toContain("It ends on");
    const { data } = await world.live.packs(account);
    expect(data[0]?.renewal.quantity).toBe(0);
    expect(await page.getByRole("button", { name: "Cancel packs" }).count()).toBe(0);
  });

  test("is taken back by the operator, with a credit note that the invoice names", async () => {
    const account = await open();
    await world.live.buyPack(account, { pack: "pack-1000", quantity: 2 });
    const operator = await world.signInOperator();
    await visit(operator, `/accounts/${account}/packs/pack_1`);
    await operator.getByLabel("How many").last().fill("5");
    await operator.getByLabel("Reason").fill("by mistake");
    await press(operator, "Cancel packs");
    expect(await errorOf(operator.getByLabel("How many").last())).toContain("at most 2");
    await operator.getByLabel("How many").last().fill("1");
    await press(operator, "Cancel packs");
    expect(await flashOf(operator)).toContain("The limit is 1,500 credits");

    const page = await signIn(account);
    await visit(page, `/accounts/${account}/invoices`);
    await page.getByRole("row").filter({ hasText: "Packs bought" }).getByRole("link").click();
    const note = page.getByRole("link", { name: /-0002$/ });
    await expectFine(page);
    await note.click();
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toMatch(/^Credit note .*-0002$/);
    expect(await totalOf(page, "Lines")).toContain("-$10.89");
    await page.getByRole("link", { name: /-0001$/ }).waitFor();
  });
});

describe.each(DEVICES)("credit settings: %s", (_, options) => {
  test("change at once where nothing was used, else with the reset, and may be cancelled", async () => {
    const account = await open();
    await world.live.buyPack(account, { pack: "pack-1000" });
    const page = await signIn(account, options);
    const choose = async (setting: string, limit: string, maximum?: string) => {
      await visit(page, `/accounts/${account}/settings`);
      await page.getByLabel(setting).check();
      await press(page, "Next: maximum");
      await page.getByLabel(limit).check();
      if (maximum !== undefined) await page.getByLabel("Maximum in credits").fill(maximum);
      await press(page, "Next: review");
    };
    await choose("Pay as you go", "At most", "1800.5");
    expect(await fact(page, "Above the limit")).toMatch(
      /^Pay as you go\s+instead of Add packs automatically, at once/,
    );
    expect(await fact(page, "Maximum a month")).toMatch(/^1,800.5 credits\s+instead of no maximum, at once/);
    await press(page, "Confirm the change");
    expect(await flashOf(page)).toBe("Saved. In force now: Pay as you go.");
    expect(await world.live.settings(account)).toMatchObject({
      overageSetting: "pay_as_you_go",
      maximum: 1800.5,
    });

    await use(account, 100);
    await choose("Pause until the reset", "No maximum");
    expect(await fact(page, "Above the limit")).toContain("with the reset on");
    expect(await page.locator("main").innerText()).toContain("As this month is expected to end");
    await expectFine(page, options);
    await press(page, "Confirm the change");
    expect(await flashOf(page)).toMatch(/^Saved\. From the reset on .*: Pause until the reset\.$/);
    expect(await world.live.settings(account)).toMatchObject({
      overageSetting: "pay_as_you_go",
      maximum: null,
      pending: { overageSetting: "pause" },
    });
    await expectFine(page, options);
    await press(page, "Cancel this change");
    expect(await flashOf(page)).toContain("In force: Pay as you go");
    expect(await world.live.settings(account)).toMatchObject({ pending: null });

    await choose("Add packs automatically", "No maximum");
    await press(page, "Confirm the change");
    expect(await world.live.settings(account)).toMatchObject({
      pending: { overageSetting: "auto_upgrade" },
    });
    await choose("Pay as you go", "No maximum");
    expect(await fact(page, "Waiting change")).toMatch(/^Dropped\s+instead of Add packs/);
  });

  test("a bad maximum is said beside its field, at its step", async () => {
    const account = await open();
    await world.live.buyPack(account, { pack: "pack-1000" });
    const page = await signIn(account, options);
    await visit(page, `/accounts/${account}/settings?setting=pause`);
    const maximum = page.getByLabel("Maximum in credits");
    for (const [bad, said] of [
      ["a lot", "must be a number of credits"],
      ["", "must be a number of credits"],
      ["-5", "must not be negative"],
      ["1.0000001", "must have at most 6 decimals"],
      ["9000000000", "must be at most 8000000000"],
    ] as const) {
      await page.getByLabel("At most this many credits").check();
      await maximum.fill(bad);
      await press(page, "Next: review");
      expect(await errorOf(maximum), bad).toBe(said);
      expect(await maximum.inputValue()).toBe(bad);
    }
    await expectFine(page, options);
    expect(await page.getByRole("button", { name: "Confirm the change" }).count()).toBe(0);
  });
});

describe("pay as you go without a price", () => {
  test("cannot be chosen, and says why", async () => {
    const account = await open({ currency: "KWD" });
    await world.live.convert(account, { size: 100, quantity: 1 });
    const page = await signIn(account);
    await visit(page, `/accounts/${account}/settings`);
    expect(await page.getByLabel("Pay as you go").isDisabled()).toBe(true);
    await visit(page, `/accounts/${account}/settings?setting=pay_as_you_go&limit=none`);
    const field = page.getByRole("group", { name: "What should happen above the limit?" });
    const said = field.locator("#change-setting-error");
    expect(await said.innerText()).toContain("no price per credit above the limit is agreed");
    await expectFine(page);
  });
});

describe("the last step of the credit settings", () => {
  test("refuses what was made up, beside its field", async () => {
    const account = await open();
    await world.live.buyPack(account, { pack: "pack-1000" });
    const form = { _form: "change", setting: "pause", limit: "set", maximum: "none of it" };
    const answer = await send(account, "/settings?setting=pause&limit=set&maximum=5", form);
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toMatch(/id="change-maximum-error"[^>]*>must be a number of credits/);
    expect(html).toContain('value="none of it"');
    const strange = await send(account, "/settings?setting=pause&limit=none", { ...form, setting: "free" });
    expect(strange.status).toBe(422);
    expect(await strange.text()).toContain('id="change-setting-error"');
    expect(await world.live.settings(account)).toMatchObject({
      overageSetting: "auto_upgrade",
      maximum: null,
    });
  });

  test("says of a maximum that is used already that features stop at once", async () => {
    const account = await open();
    await world.live.buyPack(account, { pack: "pack-1000" });
    await use(account, 40);
    const page = await signIn(account);
    await visit(page, `/accounts/${account}/settings?setting=auto_upgrade&limit=set&maximum=0`);
    expect(await page.locator("main").innerText()).toContain("features that use credits stop as soon as");
    await press(page, "Confirm the change");
    expect(await world.live.balance(account)).toMatchObject({ state: "maximum_reached", maximum: 0 });
  });

  test("prices the last month under the new setting, line by line", async () => {
    const clock = `billing-${Date.now()}`;
    await world.test.createTestClock(clock, "2026-06-14T09:00:00Z");
    const account = await open({ testClock: clock }, world.test);
    await world.test.buyPack(account, { pack: "pack-1000", overageSetting: "pay_as_you_go" });
    await use(account, 1737, world.test);
    await world.test.advanceTestClock(clock, "2026-07-15T09:00:00Z");
    const page = await world.signIn({ account, user: ADMIN, mode: "test" });
    await visit(page, `/accounts/${account}/settings?setting=auto_upgrade&limit=none`);
    const example = "As the month from Jun 14, 2026: 1,737 credits used";
    expect(await row(page, example, "Packs of the term").innerText()).toMatch(/1 pack\s+\$10\.00\s+\$10\.00/);
    expect(await row(page, example, "Packs added automatically").innerText()).toMatch(
      /1 pack\s+\$10\.00\s+\$10\.00/,
    );
    expect(await totalOf(page, example)).toContain("$20.00");
    expect(await page.locator("main").innerText()).toContain(
      "With the settings in force it would be $12.30: this is $7.70 more.",
    );
    await expectFine(page);
  });
});

describe("invoices", () => {
  let account = "";

  beforeAll(async () => {
    account = await open();
    for (let count = 0; count < 27; count += 1) {
      await world.live.buyPack(account, { pack: "pack-1000" });
    }
  });

  test("are listed page by page, with what is to come", async () => {
    const page = await signIn(account);
    await visit(page, `/accounts/${account}/invoices`);
    expect(await table(page, "All invoices").getByRole("row").count()).toBe(26);
    expect(await page.locator("main").innerText()).toContain("Packs of the term: $293.96 on");
    await page.getByText("Packs of the term: $293.96").click();
    expect(await totalOf(page, "Packs of the term")).toContain("$293.96");
    await expectFine(page);
    await page.getByRole("link", { name: "Next page" }).click();
    expect(await table(page, "All invoices").getByRole("row").count()).toBe(3);
    await page.getByRole("link", { name: /-0001$/ }).waitFor();
  });

  test("print without the frame", async () => {
    const page = await signIn(account);
    await visit(page, `/accounts/${account}/invoices`);
    await page.getByRole("link", { name: /-0027$/ }).click();
    await expectFine(page);
    const words = "From Bill to Issued Due Usage period Subtotal VAT 8.875% Total".split(" ");
    await page.emulateMedia({ media: "print" });
    const printed = await page.locator("body").innerText();
    for (const word of words) expect(printed).toContain(word);
    expect(printed).toContain("$10.89");
    for (const name of ["Main", "Pages"]) {
      expect(await page.getByRole("navigation", { name }).count(), name).toBe(0);
    }
    expect(printed).not.toContain("Sign out");
    expect(printed).not.toContain("All invoices");
  });
});
