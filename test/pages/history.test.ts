/** Usage over any range, and the periods that are over, as each role meets them. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { Event, PutUser } from "../../shared/client/types.ts";
import { PHONE } from "./support/browser.ts";
import { expectAccessible, expectCheap, expectFitsWidth } from "./support/checks.ts";
import { dayAgo, daysAgo } from "./support/days.ts";
import { seen, textOf } from "./support/seen.ts";
import { usePages } from "./support/world.ts";

const world = usePages();

const ACCOUNT = "walk_history";
const ROOT = `/accounts/${ACCOUNT}`;
/** In test mode, with months of history. */
const OLD = { account: "hooli", user: "gavin", mode: "test" } as const;

const PEOPLE: Readonly<Record<string, PutUser>> = {
  sue: { name: "Sue Per", roles: ["super_admin"] },
  bill: { name: "Bill Ing", roles: ["billing_admin"] },
  olga: { name: "Olga Own", roles: ["feature_owner"], teams: ["support"] },
  max: { name: "Max Member", roles: ["member"], teams: ["support"] },
};

const TALK = { feature: "customer_agent", action: "conversation_handled", workflow: "triage" };
const EVENTS: readonly Omit<Event, "account" | "id">[] = [
  { ...TALK, quantity: 20, user: "max", occurredAt: daysAgo(9) },
  { ...TALK, quantity: 30, user: "max", occurredAt: daysAgo(4), outcome: { type: "ticket_resolved" } },
  { feature: "data_agent", action: "record_enriched", quantity: 100, user: "sue", occurredAt: daysAgo(3) },
];

beforeAll(async () => {
  const { live } = world;
  const anchorDate = dayAgo(12);
  await live.createAccount({ account: ACCOUNT, name: "History Ltd", plans: ["starter"], anchorDate });
  await Promise.all(Object.entries(PEOPLE).map(([user, body]) => live.putUser(ACCOUNT, user, body)));
  await live.buyPack(ACCOUNT, { pack: "pack-1000" }, "walk-history");
  await live.putFeature(ACCOUNT, "customer_agent", { owner: "olga" });
  await live.events(EVENTS.map((event, index) => ({ account: ACCOUNT, id: `h_${index}`, ...event })));
});

const as = (user: string, options?: Parameters<typeof world.signIn>[1], account = ACCOUNT) =>
  world.signIn({ account, user }, options);

const tableOf = (page: Page, group: string) => page.getByRole("table", { name: `Usage by ${group}` });
const chartOf = (page: Page) => page.getByRole("figure").filter({ hasText: "Credits by day" });

describe("history", () => {
  test("shows the running period by feature, with money, change and share", async () => {
    const page = await as("bill");
    const answer = await page.goto(`${ROOT}/history`);
    if (answer !== null) expectCheap(answer);
    expect(await textOf(page)).toMatch(/Credits 600 0 before Change new .* Money \$10\.00 .* Entries 3/);
    // 500 of 600 credits of the pack's 10.00.
    expect(await seen(tableOf(page, "feature"))).toMatch(/Customer agent 500 \$8\.33 2 0 new 83\.3%/);
    expect(await seen(tableOf(page, "feature").locator("tfoot"))).toBe("Total 600 $10.00 3 0 new");
    await chartOf(page).waitFor();
  });

  test.each([
    ["Category", /Customer support 500 /],
    ["Action", /Conversation handled Customer agent 500 /],
    ["User", /Max Member 500 .* Sue Per 100 /],
    ["Team", /support 500 /],
    ["Workflow", /triage 500 .* No workflow named 100 /],
    ["Outcome", /Ticket resolved 300 .* No outcome 300 |No outcome 300 .* Ticket resolved 300 /],
    ["Day", /Total 600 /],
  ])("groups by %s, without JavaScript", async (label, expected) => {
    const page = await as("sue", { javaScript: false });
    await page.goto(`${ROOT}/history`);
    await page.getByRole("navigation", { name: "Group by" }).getByRole("link", { name: label }).click();
    expect(await seen(tableOf(page, label.toLowerCase()))).toMatch(expected);
    await chartOf(page).waitFor();
  });

  test("takes any range of days, and compares it with as many before", async () => {
    const page = await as("sue", { javaScript: false });
    await page.goto(`${ROOT}/history?group=workflow`);
    await page.getByLabel("From").fill(dayAgo(5));
    await page.getByLabel("To").fill(dayAgo(1));
    await page.getByRole("button", { name: "Show" }).click();
    expect(await textOf(page)).toMatch(/Credits 400 200 before Change \+100% 200 more than before/);
    expect(await seen(tableOf(page, "workflow"))).toMatch(/triage 300 .* 200 \+50%/);
    // A preset takes the place of the days; the grouping stays.
    await page.getByRole("link", { name: "30 days" }).click();
    expect(await page.getByLabel("From").inputValue()).toBe("");
    expect(await seen(tableOf(page, "workflow"))).toMatch(/triage 500 /);
    await page.goto(`${ROOT}/history?from=2001-01-01`);
    expect(await textOf(page)).toContain("A chart by day shows a year at most");
    expect(await seen(tableOf(page, "feature"))).toMatch(/Customer agent 500 /);
  });

  test("says beside the field what it cannot show", async () => {
    const page = await as("sue", { javaScript: false });
    const message = (label: string) => page.locator(".field", { hasText: label }).locator(".error");
    await page.goto(`${ROOT}/history`);
    await page.getByLabel("To").fill(dayAgo(1));
    await page.getByRole("button", { name: "Show" }).click();
    expect(await seen(message("From"))).toBe("The first day is missing");
    await page.goto(`${ROOT}/history?from=${dayAgo(1)}&to=${dayAgo(5)}`);
    expect(await seen(message("To"))).toContain("before from");
    await page.goto(`${ROOT}/history?feature=data_agent&user=sue`);
    expect(await seen(message("User"))).toContain("not by both");
    await page.getByRole("link", { name: "in the usage log" }).click();
    await page.waitForURL("**/log?feature=data_agent&user=sue");
    await page.goto(`${ROOT}/history?period=1999-01-01`);
    expect(await seen(page.getByRole("alert"))).toContain("no period of that name");
  });

  test("of one feature or one user is grouped by what is kept of it", async () => {
    const page = await as("sue");
    const groups = () => seen(page.getByRole("navigation", { name: "Group by" }));
    await page.goto(`${ROOT}/history?feature=customer_agent`);
    expect(await groups()).toBe("Action Outcome Day");
    await page.goto(`${ROOT}/history?user=max`);
    expect(await page.getByRole("navigation", { name: "Group by" }).count()).toBe(0);
    expect(await seen(tableOf(page, "day").locator("tfoot"))).toMatch(/^Total 500 /);
  });

  test("shows members their own usage by day, without money or periods", async () => {
    const page = await as("max", { viewport: PHONE });
    const answer = await page.goto(`${ROOT}/history`);
    if (answer !== null) expectCheap(answer);
    const text = await textOf(page);
    expect(text).toMatch(/Credits 500 /);
    expect(text).not.toMatch(/\$|Money|Past periods|Sue|Data agent/);
    expect((await page.goto(`${ROOT}/history?user=sue`))?.status()).toBe(404);
    await page.goto(`${ROOT}/history?feature=data_agent`);
    expect(await textOf(page)).not.toContain("100");
    await expectFitsWidth(page);
    await expectAccessible(page);
  });

  test("shows feature owners their features, without money", async () => {
    const page = await as("olga");
    await page.goto(`${ROOT}/history`);
    expect(await seen(tableOf(page, "action"))).toMatch(
      /Conversation handled Customer agent 500 2 0 new 100%/,
    );
    expect(await textOf(page)).not.toMatch(/\$|Money|Past periods|Data agent/);
    expect((await page.goto(`${ROOT}/history?feature=data_agent`))?.status()).toBe(404);
  });

  test("gives what it shows as a file, to whom it shows it", async () => {
    const page = await as("sue");
    await page.goto(`${ROOT}/history?group=user`);
    const href = await page.getByRole("link", { name: "CSV" }).first().getAttribute("href");
    const sue = { account: ACCOUNT, user: "sue" };
    const csv = await world.get(sue, href ?? "");
    expect(csv.headers.get("content-disposition")).toMatch(/filename="walk_history-usage-.*\.csv"/);
    expect(await csv.text()).toMatch(/^row,user,.*\r?\ngroup,max,.*\r?\ngroup,sue,/);

    const max = { account: ACCOUNT, user: "max" };
    const own = await world.get(max, `${ROOT}/history/download?format=ndjson&user=max&groupBy=day`);
    expect((await own.text()).trim().split("\n")).toHaveLength(2);
    expect(own.status).toBe(200);
    const refused = ["download?format=csv", "periods/download?format=csv", "download?format=csv&user=sue"];
    for (const path of refused)
      expect((await world.get(max, `${ROOT}/history/${path}`)).status, path).toBe(403);
    expect((await world.get(sue, "/accounts/acme/history/download?format=csv")).status).toBe(404);
    expect((await world.get(sue, `${ROOT}/history/download`)).status).toBe(404);
  });
});

describe("past periods", () => {
  test("show limit, use, overage and invoice, with what was corrected since", async () => {
    const page = await world.signIn(OLD);
    const answer = await page.goto("/accounts/hooli/history");
    if (answer !== null) expectCheap(answer);
    await expectAccessible(page);
    const periods = page.getByRole("table", { name: "Past periods" });
    const { data } = await world.test.periods("hooli", { limit: 1 });
    const [last] = data;
    if (last === undefined) throw new Error("the demo's account has closed periods");
    const newest = await seen(periods.locator("tbody tr").first());
    const number = (value: number) => value.toLocaleString("en-US");
    expect(newest).toContain(`${number(last.used)} of ${number(last.limit)}`);
    expect(newest).toContain(`${number(last.corrected?.used ?? 0)} corrected`);
    expect(newest).toContain(`${number(last.overage)} ${number(last.billed)} billed`);
    const invoice = periods.getByRole("link", { name: "Invoice" }).first();
    expect(await invoice.getAttribute("href")).toBe(`/accounts/hooli/invoices/${last.invoice}`);

    await periods.locator("tbody tr").first().getByRole("link").first().click();
    await page.waitForURL(`**/history?period=${last.period}`);
    expect(await textOf(page)).toMatch(new RegExp(`Credits ${number(last.used)} `));
    const csv = await world.get(OLD, "/accounts/hooli/history/periods/download?format=csv");
    expect((await csv.text()).trim().split(/\r?\n/)).toHaveLength(
      1 + (await world.test.periods("hooli")).data.length,
    );
  });
});
