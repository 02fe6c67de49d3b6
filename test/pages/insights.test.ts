/** Insights: forecast, cheapest choice, value and waste as admins read them, and that nobody else does. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { Event, PutUser } from "../../shared/client/types.ts";
import { PHONE } from "./support/browser.ts";
import { expectAccessible, expectCheap, expectFitsWidth } from "./support/checks.ts";
import { DAY_MS } from "./support/days.ts";
import { seen } from "./support/seen.ts";
import { usePages } from "./support/world.ts";

const world = usePages();

const HOUR_MS = DAY_MS / 24;
const ACCOUNT = "walk_insights";
const ROOT = `/accounts/${ACCOUNT}`;
/** In test mode, with months of history. */
const OLD = { account: "hooli", user: "gavin", mode: "test" } as const;

const PEOPLE: Readonly<Record<string, PutUser>> = {
  sue: { name: "Sue Per", roles: ["super_admin"] },
  bill: { name: "Bill Ing", roles: ["billing_admin"] },
  olga: { name: "Olga Own", roles: ["feature_owner"] },
  max: { name: "Max Member", roles: ["member"] },
};

const at = (daysAgo: number, hours = 0) =>
  new Date(Date.now() - daysAgo * DAY_MS + hours * HOUR_MS).toISOString();

const TALK = { feature: "customer_agent", action: "conversation_handled", quantity: 1, user: "max" };
const RESOLVED = { type: "ticket_resolved", value: { amountMinor: 450, currency: "USD" } };
const EVENTS: readonly Omit<Event, "account">[] = [
  { ...TALK, id: "first", subject: "ticket/1", occurredAt: at(5), outcome: RESOLVED },
  { ...TALK, id: "again", subject: "ticket/1", occurredAt: at(5, 1) },
  { ...TALK, id: "other", subject: "ticket/2", occurredAt: at(4), outcome: RESOLVED },
  {
    id: "post",
    feature: "content_agent",
    action: "post_drafted",
    quantity: 2,
    user: "sue",
    workflow: "newsletter",
    occurredAt: at(3),
  },
];

beforeAll(async () => {
  const { live } = world;
  const anchorDate = at(12).slice(0, 10);
  await live.createAccount({ account: ACCOUNT, name: "Insights Ltd", plans: ["starter"], anchorDate });
  await Promise.all(Object.entries(PEOPLE).map(([user, body]) => live.putUser(ACCOUNT, user, body)));
  await live.buyPack(ACCOUNT, { pack: "pack-1000" }, "walk-insights");
  await live.putFeature(ACCOUNT, "customer_agent", { owner: "olga" });
  await live.events(EVENTS.map((event) => ({ account: ACCOUNT, ...event })));
});

const as = (user: string, options?: Parameters<typeof world.signIn>[1], account = ACCOUNT) =>
  world.signIn({ account, user }, options);

const card = (page: Page, title: string) => page.getByRole("region", { name: title, exact: true });

describe("insights", () => {
  test("say what was used most, by whom and for what", async () => {
    const page = await as("bill");
    const answer = await page.goto(`${ROOT}/insights`);
    if (answer !== null) expectCheap(answer);
    // 3 conversations at 10, 2 posts at 20; the pack cost 10.00.
    expect(await seen(page.locator("main"))).toMatch(
      /Credits 70 .* Money \$10\.00 .* Effective price \$0\.1429/,
    );
    expect(await seen(card(page, "Top features"))).toMatch(
      /Content agent 40 \$5\.71 57\.1% Customer agent 30 \$4\.29/,
    );
    expect(await seen(card(page, "Top workflows"))).toMatch(/newsletter 40 /);
  });

  test("tell credits per outcome and value per credit", async () => {
    const page = await as("sue");
    await page.goto(`${ROOT}/insights`);
    const text = await seen(card(page, "Outcomes and value"));
    expect(text).toMatch(/Ticket resolved 2 20 10 \$9\.00 \$0\.45/);
    expect(text).toMatch(/Customer agent 2 30 15 \$9\.00 \$0\.30/);
    expect(text).toMatch(/Content agent No outcome 0 40 – – –/);
  });

  test("name what was probably wasted, and what to do about it", async () => {
    const page = await as("sue", { javaScript: false });
    await page.goto(`${ROOT}/insights`);
    const duplicates = card(page, "Duplicates");
    expect(await seen(duplicates)).toMatch(
      /Duplicates: 10 credits, \$1\.43 1 use .* 1 × 10 What to do: send/,
    );
    expect(await seen(card(page, "Without outcomes"))).toMatch(
      /40 credits, \$5\.71 .* Content agent 40 .* What to do/,
    );
    expect(await seen(card(page, "Nobody owns it"))).toMatch(
      /40 credits.* Content agent 40 .* name an owner/,
    );
    await duplicates.getByRole("row").filter({ hasText: "ticket/1" }).getByRole("link").click();
    await page.getByRole("heading", { level: 1, name: "first" }).waitFor();
  });

  test("tell what will probably expire, with its money", async () => {
    const page = await as("sue");
    await page.goto(`${ROOT}/insights`);
    const { expiring } = await world.live.insights(ACCOUNT);
    const expected = expiring?.expected.credits.toLocaleString("en-US", { maximumFractionDigits: 2 });
    expect(await seen(card(page, "Credits likely to expire"))).toContain(`Expected ${expected} $`);
  });

  test("switch the time that they are about", async () => {
    const page = await as("sue", { javaScript: false });
    await page.goto(`${ROOT}/insights`);
    await page.getByRole("link", { name: "Last period" }).click();
    expect(await seen(page.locator("main"))).toContain("Nothing was used in this time.");
    await page.getByRole("link", { name: "This period" }).click();
    expect(await seen(card(page, "Top features"))).toContain("Content agent 40");
    await page.goto(`${ROOT}/insights?period=bogus`);
    expect(await page.getByRole("link", { name: "30 days" }).getAttribute("aria-current")).toBe("true");
  });

  test("show the arithmetic of each choice, ahead and of the past", async () => {
    const page = await world.signIn(OLD);
    const answer = await page.goto("/accounts/hooli/insights");
    if (answer !== null) expectCheap(answer);
    await expectAccessible(page);
    await page.getByRole("figure").filter({ hasText: "Use until the reset" }).waitFor();
    const { running, past } = (await world.test.insights("hooli")).choices;
    const stay = running?.expected.options.find(({ choice }) => choice.kind === "stay");
    if (stay === undefined) throw new Error("staying is always a choice");
    const dollars = (minor: number) =>
      (minor / 100).toLocaleString("en-US", { style: "currency", currency: "USD" });
    const row = await seen(
      page
        .getByRole("table", { name: "Choices for" })
        .first()
        .getByRole("row")
        .filter({ hasText: "Stay as it is" }),
    );
    for (const { amount, quantity } of stay.lines) {
      expect(row).toContain(`${quantity.toLocaleString("en-US")} `);
      expect(row).toContain(`= ${dollars(amount.amountMinor)}`);
    }
    expect(row).toContain(dollars(stay.total.amountMinor));
    const summaries = page.locator("summary", { hasText: "Period from" });
    expect(await summaries.count()).toBe(past.length);
    await summaries.first().click();
    await page.getByRole("table", { name: "Choices for" }).nth(1).waitFor();
  });

  test("of a new account say that there is nothing yet, on a phone in the dark", async () => {
    const account = "walk_insights_empty";
    await world.live.createAccount({ account, plans: ["starter"] });
    await world.live.putUser(account, "sue", { name: "Sue Per", roles: ["super_admin"] });
    const page = await as("sue", { viewport: PHONE, colorScheme: "dark" }, account);
    await page.goto(`/accounts/${account}/insights`);
    const text = await seen(page.locator("main"));
    expect(text).toContain("There is no forecast yet");
    expect(text).toContain("Nothing was used in this time.");
    await expectFitsWidth(page);
    await expectAccessible(page);
    await world.live.closeAccount(account, "left");
    await page.goto(`/accounts/${account}/insights`);
    expect(await seen(page.locator("main"))).toContain("The account is closed: nothing is left to choose.");
  });

  test("are for those who see money", async () => {
    for (const user of ["olga", "max"]) {
      const page = await as(user);
      expect((await page.goto(`${ROOT}/insights`))?.status(), user).toBe(404);
    }
    const page = await as("sue");
    expect((await page.goto("/accounts/acme/insights"))?.status()).toBe(404);
  });
});
