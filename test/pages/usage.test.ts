/** Usage & limits, features and prices, as each role meets them: what they show, what their forms do, what is refused. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { Event, PutUser } from "../../shared/client/types.ts";
import { PHONE } from "./support/browser.ts";
import { expectAccessible, expectCheap, expectFitsWidth } from "./support/checks.ts";
import { DAY_MS, daysAgo } from "./support/days.ts";
import { seen, textOf } from "./support/seen.ts";
import { usePages } from "./support/world.ts";

const world = usePages();

const ACCOUNT = "walk_usage";
const ROOT = `/accounts/${ACCOUNT}`;

const PEOPLE: Readonly<Record<string, PutUser>> = {
  sue: { name: "Sue Per", roles: ["super_admin"] },
  bill: { name: "Bill Ing", roles: ["billing_admin"] },
  olga: { name: "Olga Own", roles: ["feature_owner"], teams: ["support"] },
  max: { name: "Max Member", roles: ["member"], teams: ["support"] },
  nina: { name: "Nina New", roles: ["feature_owner"] },
  cora: { name: "Cora Contact", roles: ["billing_contact"] },
};

async function open(account: string): Promise<void> {
  const anchorDate = new Date(Date.now() - 10 * DAY_MS).toISOString().slice(0, 10);
  await world.live.createAccount({ account, name: `${account} Ltd`, plans: ["starter"], anchorDate });
  await Promise.all(Object.entries(PEOPLE).map(([user, body]) => world.live.putUser(account, user, body)));
}

async function use(account: string, events: readonly Omit<Event, "account" | "id">[]): Promise<void> {
  await world.live.events(events.map((event, index) => ({ account, id: `${account}_${index}`, ...event })));
}

beforeAll(async () => {
  await open(ACCOUNT);
  await world.live.buyPack(ACCOUNT, { pack: "pack-1000" }, "walk");
  const resolved = { type: "ticket_resolved", value: { amountMinor: 450, currency: "USD" } };
  const conversation = { feature: "customer_agent", action: "conversation_handled", user: "max" };
  await use(ACCOUNT, [
    { ...conversation, quantity: 30, occurredAt: daysAgo(5), outcome: resolved },
    { ...conversation, quantity: 10, occurredAt: daysAgo(3) },
    { feature: "content_agent", action: "post_drafted", quantity: 5, user: "olga", occurredAt: daysAgo(2) },
    { feature: "data_agent", action: "record_enriched", quantity: 100, user: "sue" },
  ]);
  await world.live.putFeature(ACCOUNT, "customer_agent", { owner: "olga" });
  await world.live.putFeature(ACCOUNT, "prospecting_agent", { access: { users: ["sue"] } });
  await world.live.putBudget(ACCOUNT, "talks", { subject: "feature", key: "customer_agent", credits: 450 });
});

const as = (user: string, options?: Parameters<typeof world.signIn>[1], account = ACCOUNT) =>
  world.signIn({ account, user }, options);

/** The value under a label of a list of figures or facts. */
function figure(page: Page, label: string) {
  return page
    .locator("dl > div, dl")
    .filter({ hasText: label })
    .locator(`dt:text-is("${label}") + dd`)
    .first();
}

function row(page: Page, table: string, name: string) {
  return page.getByRole("table", { name: table }).getByRole("row").filter({ hasText: name });
}

const send = (user: string, path: string, form: Readonly<Record<string, string>>, account = ACCOUNT) =>
  world.post({ account, user }, path, form);

describe("usage & limits", () => {
  test("tells an admin where the account stands, what it costs and what comes next", async () => {
    const page = await as("sue");
    const answer = await page.goto(ROOT);
    if (answer !== null) expectCheap(answer);
    const text = await textOf(page);
    // 40 conversations at 10, 5 posts at 20, 100 records at 1, of 500 included and 1,000 in the pack.
    expect(text).toContain("900 of 1,500 credits remain");
    expect(await seen(figure(page, "Remaining"))).toContain("900");
    expect(await seen(figure(page, "Packs this period"))).toContain("$10.00");
    expect(await seen(figure(page, "Next invoice, expected"))).toContain("$10.00");
    expect(await seen(figure(page, "At the limit"))).toBe("Add packs automatically");
    expect(await seen(figure(page, "Resets"))).toMatch(/in \d+ days/);
    await page.getByRole("figure").filter({ hasText: "Use until the reset" }).waitFor();
    await page.getByRole("figure").filter({ hasText: "Credits by day and feature" }).waitFor();
    expect(await seen(row(page, "Usage of this period by feature", "Customer agent"))).toMatch(
      /400 66\.7% – \$6\.67 2 1 400 each Olga Own/,
    );
    expect(await seen(row(page, "Budgets that are nearly used", "talks"))).toMatch(/400 of 450 88\.8%/);
    await page.getByRole("link", { name: "Buy packs" }).waitFor();
  });

  test("groups by category", async () => {
    const page = await as("bill");
    await page.goto(ROOT);
    await page.getByRole("link", { name: "By category" }).click();
    await page.waitForURL("**?by=category");
    expect(await seen(row(page, "Usage of this period by category", "Customer support"))).toMatch(
      /400 66\.7%/,
    );
    expect(await page.getByRole("link", { name: "By category" }).getAttribute("aria-current")).toBe("true");
  });

  test("shows members their own usage and no money", async () => {
    const page = await as("max", { javaScript: false });
    await page.goto(ROOT);
    expect(await seen(figure(page, "Credits used"))).toBe("400");
    const text = await textOf(page);
    expect(text).not.toMatch(/[$€]|limit|Remaining|Post/i);
  });

  test("shows feature owners their features only, one at a time", async () => {
    const page = await as("olga");
    await page.goto(ROOT);
    await page.getByRole("heading", { name: "Customer agent" }).waitFor();
    expect(await seen(figure(page, "Credits used"))).toBe("400");
    expect(await seen(row(page, "Usage of this period by action", "Conversation handled"))).toMatch(
      /400 100%/,
    );
    expect(await textOf(page)).not.toMatch(/[$€]|Content agent/);
    for (const of of ["content_agent", "me", "nothing"]) {
      expect((await page.goto(`${ROOT}?of=${of}`))?.status(), of).toBe(404);
    }
    const nina = await as("nina");
    await nina.goto(ROOT);
    expect(await textOf(nina)).toContain("No feature names you as its owner yet.");
  });

  test("tells a billing contact that there is nothing to see", async () => {
    const page = await as("cora");
    expect((await page.goto(ROOT))?.status()).toBe(200);
    expect(await textOf(page)).toContain("You receive the invoices and notices");
    expect(await textOf(page)).not.toContain("400");
    for (const path of ["/features", "/features/assistant", "/prices"]) {
      expect((await page.goto(ROOT + path))?.status(), path).toBe(404);
    }
  });

  test("another account is not there", async () => {
    const page = await as("sue");
    for (const path of ["", "/features", "/features/assistant", "/prices"]) {
      expect((await page.goto(`/accounts/acme${path}`))?.status(), path).toBe(404);
    }
  });

  test("looks right empty, used up, suspended and closed", async () => {
    const account = "walk_states";
    await open(account);
    const page = await as("sue", { viewport: PHONE, colorScheme: "dark" }, account);
    const look = async () => {
      await page.goto(`/accounts/${account}`);
      await expectFitsWidth(page);
      await expectAccessible(page);
      return textOf(page);
    };
    const empty = await look();
    expect(empty).toContain("500 of 500 credits remain");
    expect(empty).toContain("There is no forecast yet");
    expect(empty).toContain("Nothing was used in this period yet.");

    await use(account, [
      { feature: "customer_agent", action: "conversation_handled", quantity: 50, user: "max" },
    ]);
    const exhausted = await look();
    expect(exhausted).toContain("Credits used up");
    expect(await page.getByRole("link", { name: "Buy packs" }).getAttribute("class")).toBe("button");

    await world.live.suspendAccount(account, "unpaid");
    expect(await look()).toContain("The account is suspended");
    expect(await page.getByRole("link", { name: "Buy packs" }).count()).toBe(0);

    await world.live.closeAccount(account, "left");
    expect(await look()).toContain("The account was closed on");
    expect(await page.getByRole("link", { name: "Buy packs" }).count()).toBe(0);
  });
});

describe("lost demand", () => {
  test("is shown by feature and reason", async () => {
    const page = await as("bill", {}, "initech");
    const denied = page.getByRole("table", { name: "Denied uses of this period" });
    // What was denied is counted with a delay of up to a minute.
    await expect
      .poll(() => page.goto("/accounts/initech").then(() => denied.count()), {
        timeout: 90_000,
        interval: 3_000,
      })
      .toBe(1);
    expect(await seen(denied)).toMatch(/Customer agent Conversation handled The credits were used up \d+/);
  }, 120_000);
});

describe("features", () => {
  test("says what each costs, who answers for it and what it used", async () => {
    const page = await as("bill");
    await page.goto(`${ROOT}/features`);
    expect(await seen(row(page, "Features: Customer support", "Customer agent"))).toMatch(
      /10 credits each Everybody Olga Own 400 88\.8%/,
    );
    expect(await seen(row(page, "Features: Prospecting", "Prospecting agent"))).toContain("Only 1 user");
  });

  test("tells members whether they may use it, and no usage", async () => {
    const page = await as("max");
    await page.goto(`${ROOT}/features`);
    expect(await seen(row(page, "Features: Prospecting", "Prospecting agent"))).toContain("No, some only");
    expect(await seen(row(page, "Features: Customer support", "Customer agent"))).toMatch(/Yes Olga Own$/);
    await page.getByRole("link", { name: "Customer agent" }).click();
    await page.getByRole("heading", { level: 1, name: "Customer agent" }).waitFor();
    expect(await page.getByRole("button", { name: /pause/i }).count()).toBe(0);
    const text = await textOf(page);
    expect(text).toContain("10 credits each");
    expect(text).not.toMatch(/Trend|400|Budget|Change who/);
  });

  test.each([
    ["a billing admin", "bill", true],
    ["its owner, without JavaScript", "olga", false],
  ])("is paused and resumed by %s", async (_, user, javaScript) => {
    const page = await as(user, { javaScript });
    await page.goto(`${ROOT}/features/customer_agent`);
    await page.getByRole("button", { name: "Pause Customer agent" }).click();
    await page.getByRole("status").filter({ hasText: "Customer agent is paused" }).waitFor();
    await page.getByRole("heading", { name: "Paused by hand" }).waitFor();
    expect((await world.live.feature(ACCOUNT, "customer_agent")).paused).toBe(true);
    await page.getByRole("button", { name: "Resume Customer agent" }).click();
    await page.getByRole("status").filter({ hasText: "Customer agent is resumed" }).waitFor();
    expect((await world.live.feature(ACCOUNT, "customer_agent")).paused).toBe(false);
  });

  test("refuses whoever may not change it, whatever they send", async () => {
    const path = `${ROOT}/features/content_agent`;
    const before = await world.live.feature(ACCOUNT, "content_agent");
    const sent = [
      ["max", { _form: "pause" }],
      ["olga", { _form: "pause" }],
      ["bill", { _form: "owner", owner: "bill" }],
      ["bill", { _form: "access", who: "everybody" }],
      ["olga", { _form: "access", who: "everybody" }],
    ] as const;
    for (const [user, form] of sent) expect((await send(user, path, form)).status, user).toBe(403);
    expect((await send("cora", path, { _form: "pause" })).status).toBe(404);
    expect((await send("sue", "/accounts/acme/features/content_agent", { _form: "pause" })).status).toBe(404);
    expect((await send("sue", `${ROOT}/features/no_such`, { _form: "pause" })).status).toBe(404);
    expect((await send("sue", path, { _form: "no_such" })).status).toBe(404);
    expect(await world.live.feature(ACCOUNT, "content_agent")).toEqual(before);
    expect((await world.live.feature("acme", "content_agent")).paused).toBe(false);
    const olga = await as("olga");
    await olga.goto(path);
    expect(await olga.getByRole("button", { name: /pause|change/i }).count()).toBe(0);
    expect((await olga.goto(`${ROOT}/features/no_such`))?.status()).toBe(404);
    expect((await olga.goto(`${ROOT}/features/${"x".repeat(300)}`))?.status()).toBe(404);
  });

  test("a super admin names its owner and who may use it", async () => {
    const page = await as("sue", { javaScript: false });
    await page.goto(`${ROOT}/features/assistant`);
    await page.getByRole("combobox", { name: "Owner" }).selectOption({ label: "Nina New (nina)" });
    await page.getByRole("button", { name: "Change the owner" }).click();
    await page.getByRole("status").filter({ hasText: "Nina New owns Assistant now." }).waitFor();

    await page.getByLabel("Only these users and teams").check();
    await page.getByRole("button", { name: "Change who may use it" }).click();
    const bad = page.getByRole("group", { name: "Who may use it" });
    await bad.getByText("Name a user or a team").waitFor();
    expect(await page.getByLabel("Only these users and teams").isChecked()).toBe(true);

    await page.getByLabel("Max Member (max)").check();
    await page.getByRole("textbox", { name: "Teams" }).fill("support, sales");
    await page.getByRole("button", { name: "Change who may use it" }).click();
    await page.getByRole("status").filter({ hasText: "Only those named may use Assistant now." }).waitFor();
    expect(await world.live.feature(ACCOUNT, "assistant")).toMatchObject({
      owner: "nina",
      ownerName: "Nina New",
      access: { users: ["max"], teams: ["support", "sales"] },
    });
    expect(await seen(figure(page, "Users"))).toBe("Max Member");

    await page.getByLabel("Everybody").check();
    await page.getByRole("button", { name: "Change who may use it" }).click();
    await page.getByRole("status").filter({ hasText: "Everybody may use Assistant now." }).waitFor();
    await page.getByRole("combobox", { name: "Owner" }).selectOption({ label: "Nobody" });
    await page.getByRole("button", { name: "Change the owner" }).click();
    await page.getByRole("status").filter({ hasText: "Nobody owns Assistant now." }).waitFor();
    expect(await world.live.feature(ACCOUNT, "assistant")).toMatchObject({ owner: null, access: null });
  });

  test("where users are many they are named by id, and who is unknown is said beside the field", async () => {
    const account = "walk_crowd";
    await open(account);
    const crowd = Array.from({ length: 50 }, (_, index) => `u_${index}`);
    await Promise.all(
      crowd.map((user) => world.live.putUser(account, user, { name: `User ${user}`, roles: ["member"] })),
    );
    const page = await as("sue", {}, account);
    await page.goto(`/accounts/${account}/features/assistant`);
    await page.getByRole("textbox", { name: "Owner" }).fill("ghost");
    await page.getByRole("button", { name: "Change the owner" }).click();
    expect(await seen(page.locator("#owner-owner-error"))).toBe("There is no user “ghost”.");
    expect(await page.getByRole("textbox", { name: "Owner" }).inputValue()).toBe("ghost");
    expect(await page.getByRole("textbox", { name: "Owner" }).getAttribute("aria-invalid")).toBe("true");
    await expectAccessible(page);

    await page.getByLabel("Only these users and teams").check();
    await page.getByRole("textbox", { name: "Users" }).fill("u_1\nghost");
    await page.getByRole("button", { name: "Change who may use it" }).click();
    expect(await seen(page.locator("#access-users-error"))).toBe("There is no user “ghost”.");
    await page.getByRole("textbox", { name: "Users" }).fill("u_1, u_2");
    await page.getByRole("button", { name: "Change who may use it" }).click();
    await page.getByRole("status").filter({ hasText: "Only those named" }).waitFor();
    expect((await world.live.feature(account, "assistant")).access).toEqual({
      users: ["u_1", "u_2"],
      teams: [],
    });
  });

  test("shows the trend over 30 or 90 days, and this period", async () => {
    const page = await as("bill");
    await page.goto(`${ROOT}/features/customer_agent`);
    expect(await seen(figure(page, "Credits used"))).toBe("400");
    expect(await seen(figure(page, "Outcomes"))).toContain("400 credits each");
    const trend = page.getByRole("figure").filter({ hasText: "Credits by day" });
    const days = () => trend.locator("tbody tr").count();
    expect(await days()).toBe(30);
    await page.getByRole("link", { name: "Last 90 days" }).click();
    await page.waitForURL("**?days=90");
    expect(await days()).toBe(90);
    expect(await seen(row(page, "Budgets of Customer agent", "talks"))).toMatch(/400 of 450/);
  });
});

describe("price list", () => {
  test("says how many credits, what is beta, which rates are own and what changes", async () => {
    const page = await as("max", { viewport: PHONE });
    await world.live.setAccountRates(ACCOUNT, {
      rates: [{ feature: "data_agent", action: "flow_actions", credits: 12, per: 100 }],
    });
    await page.goto(`${ROOT}/prices`);
    const prices = (feature: string) =>
      page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: feature }) });
    expect(await seen(prices("Document reader"))).toMatch(/Tokens read 5 credits per started 10,000/);
    expect(await seen(prices("Data agent"))).toMatch(/Record enriched 1 credit each/);
    expect(await seen(prices("Data agent"))).toMatch(/Flow actions 12 credits per 100 Your own rate/);
    expect(await seen(prices("Meeting scout"))).toMatch(/Beta.*0 credits in beta listed at 2 credits each/);
    const ahead = page.getByRole("region", { name: "Changes ahead" });
    expect(await seen(ahead)).toMatch(
      /Assistant: Output tokens 5 credits per 1,000, 4 credits per 1,000 until then Costs more/,
    );
    await expectFitsWidth(page);
  });

  test("finds a feature by the words of its names", async () => {
    const page = await as("max");
    await page.goto(`${ROOT}/prices?q=TOKENS`);
    const features = page.locator(".rate-list h3");
    expect(await features.allInnerTexts()).toEqual(["Assistant", "Document reader"]);
    await page.goto(`${ROOT}/prices?q=${encodeURIComponent('<script>"x')}`);
    expect(await textOf(page)).toContain('Nothing here is called “<script>"x”.');
    await page.getByRole("link", { name: "Show all features" }).click();
    expect(await features.count()).toBe(7);
  });
});
