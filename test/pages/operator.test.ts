/** The operator's forms, walked in a browser: what is wrong stands beside its field, what was done is said. */
import { describe, expect, test } from "vitest";
import { expectAccessible } from "./support/checks.ts";
import { DAY_MS } from "./support/days.ts";
import { errorOf, flashOf, press } from "./support/seen.ts";
import { usePages } from "./support/world.ts";

const world = usePages();

/** A minute in UTC, as a field of day and time takes it. */
function minuteIn(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 16);
}

async function openAccount(account: string, name = account): Promise<string> {
  await world.live.createAccount({ account, name, plans: ["starter"] });
  await world.live.putUser(account, "boss", { name: "Bo Boss", roles: ["super_admin"] });
  return `/operator/accounts/${account}`;
}

describe.each([
  ["with JavaScript", true],
  ["without JavaScript", false],
])("accounts, %s", (_, javaScript) => {
  const suffix = javaScript ? "js" : "plain";

  test("an account is opened by a form, and found by name and status", async () => {
    const page = await world.signInOperator(world.keys.live, { javaScript });
    await page.goto("/operator/open-account");
    await page.getByLabel("Id").fill(`new ${suffix}`);
    await page.getByLabel("Time zone").fill("Mars/Base");
    await press(page, "Open the account");
    expect(await errorOf(page.getByLabel("Id"))).toContain("1 to 64 letters");
    expect(await errorOf(page.getByLabel("Time zone"))).toContain("IANA time zone");
    // axe is a script of the page's.
    if (javaScript) await expectAccessible(page);

    await page.getByLabel("Id").fill(`new-${suffix}`);
    await page.getByLabel("Name (optional)").fill(`Brand New ${suffix}`);
    await page.getByLabel("Time zone").fill("Europe/Berlin");
    await page.getByLabel("Starter").check();
    await press(page, "Open the account");
    await page.waitForURL(`**/operator/accounts/new-${suffix}`);
    expect(await flashOf(page)).toContain(`new-${suffix} is open`);

    await page.goto("/operator/accounts");
    await page.getByLabel("Id or name").fill(`BRAND NEW ${suffix}`);
    await press(page, "Search");
    expect(await page.getByRole("rowheader").allTextContents()).toEqual([`Brand New ${suffix}new-${suffix}`]);
    await page.getByLabel("Status").selectOption("closed");
    await press(page, "Search");
    expect(await page.getByText("No account is like that.").count()).toBe(1);
  });

  test("one account: credits, link, terms, status, proof", async () => {
    const path = await openAccount(`handled-${suffix}`);
    const page = await world.signInOperator(world.keys.live, { javaScript });
    await page.goto(path);

    const grant = page.locator("#form-grant");
    await grant.getByLabel("Credits").fill("some");
    await grant.getByLabel("Reason").fill("Sorry");
    await press(page, "Grant");
    expect(await errorOf(grant.getByLabel("Credits"))).toContain("must be a number");
    await grant.getByLabel("Credits").fill("12.5");
    await press(page, "Grant");
    expect(await flashOf(page)).toBe("Granted 12.5 credits.");

    await page.getByText("Change terms").click();
    await page.getByLabel("Periods of a term").fill("0");
    await press(page, "Save terms");
    expect(await errorOf(page.getByLabel("Periods of a term"))).not.toBe("");
    await page.getByLabel("Periods of a term").fill("6");
    await page.getByLabel("Professional").check();
    await press(page, "Save terms");
    expect(await flashOf(page)).toBe("The terms are changed.");
    expect(await world.live.account(`handled-${suffix}`)).toMatchObject({
      termPeriods: 6,
      plans: [{ plan: "starter" }, { plan: "professional" }],
    });

    await press(page, "Compare");
    expect(await page.getByRole("status").textContent()).toContain("All agree");

    const suspend = page.locator("#form-suspend");
    await suspend.getByLabel("Reason").fill("Unpaid");
    await press(page, "Suspend the account");
    expect(await flashOf(page)).toBe("The account is suspended.");
    await press(page, "Resume the account");
    expect(await flashOf(page)).toBe("The account is open again.");

    await page.getByText("Close the account", { exact: true }).click();
    const close = page.locator("#form-close");
    await close.getByLabel("Reason").fill("They left");
    await close.getByLabel("Id of the account").fill("another");
    await press(page, "Close the account for good");
    expect(await errorOf(close.getByLabel("Id of the account"))).toContain(`handled-${suffix}`);
    await close.getByLabel("Id of the account").fill(`handled-${suffix}`);
    await press(page, "Close the account for good");
    expect(await flashOf(page)).toBe("The account is closed.");
    expect(await page.locator("#form-grant").count()).toBe(0);
  });
});

test("a sign-in link is shown once, and signs its person in", async () => {
  const path = await openAccount("linked");
  const page = await world.signInOperator();
  await page.goto(path);
  await press(page, "Make a link");
  const link = (await page.locator(".secret").textContent()) ?? "";
  expect(link).toContain("/portal/");
  await page.goto(path);
  expect(await page.content()).not.toContain("/portal/");
  const visitor = await (await world.device()).newPage();
  await visitor.goto(link.trim());
  expect(new URL(visitor.url()).pathname).toBe("/accounts/linked");
});

describe("rate sheets", () => {
  test("a draft is edited, priced, reviewed, published with notice and withdrawn", async () => {
    const page = await world.signInOperator();
    await page.goto("/operator/rate-sheets/new");
    await page.locator("summary", { hasText: "Customer agent" }).click();
    const credits = page.getByLabel("Credits of Conversation handled");
    await credits.fill("a lot");
    await press(page, "Review and publish");
    expect(await errorOf(credits)).toContain("must be a number");
    await expectAccessible(page);

    await credits.fill("20");
    await press(page, "Add a feature");
    const added = page.locator("details.draft-feature").last();
    await added.getByLabel("Id", { exact: true }).fill("letters");
    await added.getByLabel("Action of new action").fill("letter_sent");
    await added.getByLabel("Credits of new action").fill("3");

    await page.getByLabel("Accounts").fill("acme, nobody");
    await press(page, "Price it");
    expect(await errorOf(page.getByLabel("Accounts"))).toContain("nobody");
    await page.getByLabel("Accounts").fill("acme");
    await press(page, "Price it");
    const quote = page.locator("section", {
      has: page.getByRole("heading", { name: "What it would have cost" }),
    });
    expect(await quote.getByRole("status").textContent()).toMatch(/^[\d,]+ entries of 1 account/);
    await expectAccessible(page);
    expect(await page.getByLabel("Credits of Conversation handled").inputValue()).toBe("20");

    await press(page, "Review and publish");
    const changes = await page.getByRole("row").allTextContents();
    expect(
      changes.some((row) => /Conversation handled.*Costs more.*10 credits each.*20 credits/.test(row)),
    ).toBe(true);
    expect(changes.some((row) => /letter_sent.*New.*3 credits each/.test(row))).toBe(true);

    const from = page.getByLabel("In force from (UTC)");
    await from.fill(minuteIn(3));
    await press(page, "Publish this version");
    expect(await errorOf(from)).toContain("30 days' notice");
    await expectAccessible(page);
    await from.fill(minuteIn(90));
    await press(page, "Publish this version");
    await page.waitForURL(/rate-sheets\/\d+$/);
    expect(await flashOf(page)).toContain("is published");
    const version = Number(page.url().split("/").at(-1));
    expect((await world.live.rateSheet(version)).features.at(-1)).toMatchObject({
      feature: "letters",
      actions: [{ action: "letter_sent", credits: 3 }],
    });

    await press(page, "Withdraw this version");
    expect(await flashOf(page)).toBe(`Version ${version} is withdrawn.`);
    expect((await world.live.rateSheet(version)).withdrawnAt).not.toBeNull();
  });

  test("rows are taken away, and the whole is edited as JSON, without JavaScript", async () => {
    const page = await world.signInOperator(world.keys.live, { javaScript: false });
    await page.goto("/operator/rate-sheets/new");
    await page.getByText("All at once, as JSON").click();
    const json = page.getByLabel("Features", { exact: false });
    await json.fill("{ not json");
    await press(page, "Use this JSON");
    expect(await errorOf(json)).toContain("not a list of features");
    const features = [
      {
        feature: "one",
        actions: [
          { action: "a", credits: 1 },
          { action: "b", credits: 2 },
        ],
      },
      { feature: "two", actions: [{ action: "c", credits: 3, per: 10, blocks: true }] },
    ];
    await json.fill(JSON.stringify(features));
    await press(page, "Use this JSON");
    expect(await page.locator("details.draft-feature").count()).toBe(2);
    await page.getByLabel("Remove a", { exact: true }).check();
    await press(page, "Add an action: one");
    expect(await page.getByLabel("Remove a", { exact: true }).count()).toBe(0);
    expect(await page.getByLabel("Credits of b").inputValue()).toBe("2");
    expect(await page.getByLabel("Each started counts in full, of c").isChecked()).toBe(true);
    expect(await page.getByLabel("Credits of new action").count()).toBe(1);
  });

  test("a test key prices drafts and publishes none", async () => {
    const page = await world.signInOperator(world.keys.test);
    await page.goto("/operator/rate-sheets/new");
    await press(page, "Review and publish");
    expect(await page.getByText("Only live keys publish").count()).toBe(1);
    expect(await page.getByRole("button", { name: "Publish this version" }).count()).toBe(0);
  });
});

test("webhooks: secrets are shown once, a ping says how it went", async () => {
  const page = await world.signInOperator(world.keys.test);
  await page.goto("/operator/webhooks");
  await page.getByLabel("Address").fill("http://example.com/hook");
  await press(page, "Add");
  expect(await errorOf(page.getByLabel("Address"))).toContain("https");
  // Nothing answers there.
  const url = "http://127.0.0.1:9/hook";
  await page.getByLabel("Address").fill(url);
  await press(page, "Add");
  const secret = (await page.locator(".secret").textContent())?.trim() ?? "";
  expect(secret).toMatch(/^whsec_/);
  await expectAccessible(page);

  await press(page, `Ping: ${url}`);
  expect(await page.getByRole("status").textContent()).toContain("Not taken");
  await press(page, `New secret: ${url}`);
  const rotated = (await page.locator(".secret").textContent())?.trim() ?? "";
  expect(rotated).toMatch(/^whsec_/);
  expect(rotated).not.toBe(secret);
  await page.goto("/operator/webhooks");
  expect(await page.content()).not.toContain("whsec_");
  await press(page, `Disable: ${url}`);
  expect(await flashOf(page)).toContain("Nothing is sent there");
  await press(page, `Enable: ${url}`);
  expect(await flashOf(page)).toContain("go there again");
  await press(page, `Remove: ${url}`);
  expect(await page.getByText("Notices are posted nowhere yet.").count()).toBe(1);
});

test("keys: a new one is shown once and works until it is revoked", async () => {
  const page = await world.signInOperator();
  await page.goto("/operator/keys");
  await page.getByLabel("Name").fill("Walked");
  await press(page, "Create");
  expect(await page.locator("#create-scopes-error").textContent()).not.toBe("");
  await page.getByLabel("read", { exact: true }).check();
  await press(page, "Create");
  const key = (await page.locator(".secret").textContent())?.trim() ?? "";
  expect(key).toMatch(/^dd_live_/);

  const reader = await world.signInOperator(key);
  for (const path of [
    "/accounts",
    "",
    "/accounts/acme",
    "/rate-sheets/2",
    "/deliveries",
    "/webhooks",
    "/keys",
  ]) {
    await reader.goto(`/operator${path}`);
    expect(await reader.locator("main form[method=post]").count(), path).toBe(0);
  }
  for (const path of ["/open-account", "/rate-sheets/new"]) {
    expect((await reader.goto(`/operator${path}`))?.status(), path).toBe(404);
  }

  await page.goto("/operator/keys");
  await press(page, "Revoke: Walked");
  expect(await flashOf(page)).toContain("revoked");
  expect(await page.getByRole("button", { name: "Revoke: Walked" }).count()).toBe(0);
});

test("test clocks are created and advanced in test mode only", async () => {
  const live = await world.signInOperator();
  await live.goto("/operator/test-clocks");
  expect(await live.getByText("belong to test mode").count()).toBe(1);

  const page = await world.signInOperator(world.keys.test);
  await page.goto("/operator/test-clocks");
  const create = page.locator("#form-create");
  await create.getByLabel("Name").fill("no spaces, please");
  await create.getByLabel("Its time (UTC)").fill("2026-11-14T10:00");
  await press(page, "Create");
  expect(await errorOf(create.getByLabel("Name"))).toContain("1 to 64 letters");
  await create.getByLabel("Name").fill("walked");
  await press(page, "Create");
  expect(await flashOf(page)).toContain("walked is there");
  await world.test.createAccount({ account: "on-walked", testClock: "walked" });

  const advance = page.locator("#form-advance");
  await advance.getByLabel("Clock").selectOption("walked");
  await advance.getByLabel("To (UTC)").fill("2029-01-01T00:00");
  await press(page, "Advance");
  expect(await errorOf(advance.getByLabel("To (UTC)"))).toContain("at most 400 days");
  await advance.getByLabel("To (UTC)").fill("2026-12-20T10:00");
  await press(page, "Advance");
  expect(await flashOf(page)).toContain("walked is at");
  const row = page.getByRole("row", { name: /walked/ });
  expect(await row.textContent()).toContain("on-walked");
  expect(await world.test.testClock("walked")).toMatchObject({ now: "2026-12-20T10:00:00Z" });
});

test("deliveries are filtered and sent again", async () => {
  const page = await world.signInOperator();
  await page.goto("/operator/deliveries");
  const filters = page.locator("form.filters");
  await filters.getByLabel("Account").fill("globex");
  await filters.getByLabel("Status").selectOption("delivered");
  await press(page, "Show");
  const accounts = await page.locator("tbody tr td:nth-child(2)").allTextContents();
  expect(new Set(accounts)).toEqual(new Set(["globex"]));
  await page
    .getByRole("button", { name: /^Resend: / })
    .first()
    .click();
  expect(await flashOf(page)).toContain("on its way");
  expect(new URL(page.url()).searchParams.get("account")).toBe("globex");
});

test("people of an account see nothing of the operator's", async () => {
  const page = await world.signIn({ account: "acme", user: "u_ada" });
  for (const path of [
    "",
    "/accounts",
    "/accounts/acme",
    "/rate-sheets",
    "/keys",
    "/audit",
    "/dead-letters/x",
  ]) {
    expect((await page.goto(`/operator${path}`))?.status(), path).toBe(404);
  }
});
