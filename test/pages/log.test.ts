/** The usage log and its entries, as each role meets them: what they show, narrow, download and refuse. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { Event, LogEntry, PutUser } from "../../shared/client/types.ts";
import { PHONE } from "./support/browser.ts";
import { expectAccessible, expectCheap, expectFitsWidth } from "./support/checks.ts";
import { dayAgo, daysAgo } from "./support/days.ts";
import { seen, textOf } from "./support/seen.ts";
import { usePages } from "./support/world.ts";

const world = usePages();

const ACCOUNT = "walk_log";
const ROOT = `/accounts/${ACCOUNT}`;
/** An id may hold what an address may not. */
const ODD_ID = "job/7?step=a b&c#100% <ü>";

const PEOPLE: Readonly<Record<string, PutUser>> = {
  sue: { name: "Sue Per", roles: ["super_admin"] },
  olga: { name: "Olga Own", roles: ["feature_owner"] },
  max: { name: "Max Member", roles: ["member"], teams: ["support"] },
  both: { name: "Bo Th", roles: ["feature_owner", "member"] },
  nina: { name: "Nina New", roles: ["feature_owner"] },
};

/** Many small ones, for paging; then those that the tests are about, newest last. */
const EVENTS: readonly Omit<Event, "account">[] = [
  ...Array.from({ length: 55 }, (_, index) => ({
    id: `bulk_${index}`,
    feature: "data_agent",
    action: "record_enriched",
    quantity: 1,
    user: "sue",
    occurredAt: daysAgo(8),
  })),
  {
    id: "talk",
    feature: "customer_agent",
    action: "conversation_handled",
    quantity: 3,
    user: "max",
    workflow: "triage",
    subject: "ticket/1",
    occurredAt: daysAgo(3),
    outcome: { type: "ticket_resolved", value: { amountMinor: 450, currency: "USD" } },
    properties: { model: "large" },
  },
  {
    id: ODD_ID,
    feature: "assistant",
    items: [
      { action: "input_tokens", quantity: 374 },
      { action: "output_tokens", quantity: 44 },
    ],
    user: "olga",
    occurredAt: daysAgo(2),
  },
  {
    id: "own",
    feature: "assistant",
    action: "input_tokens",
    quantity: 1000,
    user: "both",
    occurredAt: daysAgo(1),
  },
];

beforeAll(async () => {
  const { live } = world;
  await live.createAccount({ account: ACCOUNT, name: "Log Ltd", plans: ["starter"], anchorDate: dayAgo(12) });
  await Promise.all(Object.entries(PEOPLE).map(([user, body]) => live.putUser(ACCOUNT, user, body)));
  await live.putFeature(ACCOUNT, "assistant", { owner: "olga" });
  await live.putFeature(ACCOUNT, "prospecting_agent", { owner: "both" });
  await live.events(EVENTS.map((event) => ({ account: ACCOUNT, ...event })));
  await live.correct(ACCOUNT, { event: "talk", credits: 10, reason: "handled twice" }, "walk-log");
  const held = { account: ACCOUNT, feature: "assistant", action: "output_tokens", user: "max" };
  await live.hold({ ...held, id: "open_hold", quantity: 5000 });
  await live.hold({ ...held, id: "captured_hold", quantity: 4000 });
  await live.capture(ACCOUNT, "captured_hold", { action: "output_tokens", quantity: 2500 });
  await live.hold({ ...held, id: "released_hold", quantity: 1000 });
  await live.release(ACCOUNT, "released_hold");
});

const as = (user: string, options?: Parameters<typeof world.signIn>[1], account = ACCOUNT) =>
  world.signIn({ account, user }, options);

const rowsOf = (page: Page) => page.getByRole("table", { name: "Entries" }).locator("tbody tr");
const hrefOf = (id: string) => `${ROOT}/log/${encodeURIComponent(id)}`;

/** As the page's link is followed: with the session only. */
async function file(user: string, query: Readonly<Record<string, string>>, account = ACCOUNT) {
  const path = `/accounts/${account}/log/download?${new URLSearchParams(query)}`;
  return world.get({ account: ACCOUNT, user }, path);
}

describe("the usage log", () => {
  test("lists every entry with what it was, who, for what and what came of it", async () => {
    const page = await as("sue");
    const answer = await page.goto(`${ROOT}/log`);
    if (answer !== null) expectCheap(answer);
    await expectAccessible(page);
    expect(await rowsOf(page).count()).toBe(50);
    expect(await seen(rowsOf(page).filter({ hasText: "ticket/1" }).last())).toMatch(
      /Customer agent Conversation handled 3 10 30 Max Member triage ticket\/1 Ticket resolved \$4\.50$/,
    );
    expect(await seen(rowsOf(page).filter({ hasText: "Correction" }))).toMatch(/– – -10 Max Member/);
    expect(await seen(rowsOf(page).filter({ hasText: "Held" }))).toMatch(/2,500 0\.004 10 Max Member/);
    expect(await seen(rowsOf(page).filter({ hasText: "Olga Own" }))).toMatch(
      /Input tokens Output tokens 374 44 0\.001 0\.004 0\.55 Olga Own/,
    );
  });

  test("goes on page by page, without JavaScript too", async () => {
    const page = await as("sue", { javaScript: false });
    await page.goto(`${ROOT}/log`);
    await page.getByRole("link", { name: "Next page" }).click();
    await page.waitForURL("**cursor=**");
    // 58 events, a correction and a captured hold.
    expect(await rowsOf(page).count()).toBe(10);
    expect(await page.getByRole("link", { name: "Next page" }).count()).toBe(0);
    await page.getByRole("link", { name: "Newest" }).click();
    expect(await rowsOf(page).count()).toBe(50);
  });

  test("is narrowed by days, feature and user, and keeps that in its files", async () => {
    const page = await as("sue", { javaScript: false });
    await page.goto(`${ROOT}/log`);
    await page.getByLabel("From").fill(dayAgo(4));
    await page.getByLabel("To").fill(dayAgo(1));
    await page.getByLabel("Feature").selectOption({ label: "Assistant" });
    await page.getByLabel("User").fill("olga");
    await page.getByRole("button", { name: "Show" }).click();
    expect(await rowsOf(page).count()).toBe(1);
    expect(await page.getByLabel("User").inputValue()).toBe("olga");
    const href = await page.getByRole("link", { name: "CSV" }).getAttribute("href");
    const query = Object.fromEntries(new URL(href ?? "", world.url).searchParams);
    expect(query).toEqual({
      format: "csv",
      from: dayAgo(4),
      to: dayAgo(1),
      feature: "assistant",
      user: "olga",
    });
    const lines = (await (await file("sue", query)).text()).trim().split(/\r?\n/);
    expect(lines).toHaveLength(3); // a header and a line for each of the event's two items

    await page.goto(`${ROOT}/log?feature=meeting_scout`);
    expect(await textOf(page)).toContain("No entry matches these filters.");
  });

  test("says beside the field what is wrong with a filter", async () => {
    const page = await as("sue", { javaScript: false });
    await page.goto(`${ROOT}/log?from=yesterday&feature=assistant`);
    await page.locator(".field", { hasText: "From" }).getByText("a date such as").waitFor();
    expect(await page.getByLabel("Feature").inputValue()).toBe("assistant");
    await page.goto(`${ROOT}/log?cursor=zzz`);
    await page.getByRole("alert").filter({ hasText: "nextCursor" }).waitFor();
  });

  test("shows members their own only", async () => {
    const page = await as("max", { javaScript: false });
    await page.goto(`${ROOT}/log`);
    const texts = await rowsOf(page).allInnerTexts();
    expect(texts).toHaveLength(3);
    expect(texts.every((text) => text.includes("Max Member"))).toBe(true);
    expect(await page.getByLabel("User").count()).toBe(0);
    await page.getByLabel("Feature").selectOption({ label: "Customer agent, my own" });
    await page.getByRole("button", { name: "Show" }).click();
    expect(await rowsOf(page).count()).toBe(2);
    for (const query of ["user=sue", "user=olga&feature=assistant"]) {
      expect((await page.goto(`${ROOT}/log?${query}`))?.status(), query).toBe(404);
    }
  });

  test("shows feature owners everybody's use of their features, and nothing else", async () => {
    const page = await as("olga");
    await page.goto(`${ROOT}/log`);
    expect(await textOf(page)).not.toMatch(/Customer agent|Data agent/);
    expect(await rowsOf(page).count()).toBe(3);
    for (const query of ["feature=customer_agent", "user=max"]) {
      expect((await page.goto(`${ROOT}/log?${query}`))?.status(), query).toBe(404);
    }
    const nina = await as("nina");
    await nina.goto(`${ROOT}/log`);
    expect(await textOf(nina)).toContain("You own no feature yet");
    const both = await as("both");
    await both.goto(`${ROOT}/log`);
    expect(await rowsOf(both).count()).toBe(1);
    await both.getByLabel("Feature").selectOption({ label: "Prospecting agent, everybody" });
    await both.getByRole("button", { name: "Show" }).click();
    await both.getByText("No entry matches these filters.").waitFor();
  });

  test("is empty in a new account, and fits a phone", async () => {
    const account = "walk_log_empty";
    await world.live.createAccount({ account, plans: ["starter"] });
    await world.live.putUser(account, "sue", { name: "Sue Per", roles: ["super_admin"] });
    const page = await as("sue", { viewport: PHONE, colorScheme: "dark" }, account);
    await page.goto(`/accounts/${account}/log`);
    expect(await textOf(page)).toContain("Nothing was used yet.");
    expect(await page.getByRole("link", { name: "CSV" }).count()).toBe(0);
    await expectFitsWidth(page);
    await expectAccessible(page);
  });
});

describe("its files", () => {
  test("are the API's exports, as attachments", async () => {
    const csv = await file("sue", { format: "csv" });
    expect(csv.headers.get("content-type")).toContain("text/csv");
    expect(csv.headers.get("content-disposition")).toMatch(/^attachment; filename="walk_log-log-.*\.csv"$/);
    expect(csv.headers.get("cache-control")).toBe("private, no-store");
    expect(await csv.text()).toMatch(/^seq,kind,id,/);

    const ndjson = await file("sue", { format: "ndjson", feature: "customer_agent" });
    expect(ndjson.headers.get("content-type")).toContain("application/x-ndjson");
    const entries = (await ndjson.text())
      .trim()
      .split("\n")
      .map((line): LogEntry => JSON.parse(line));
    expect(entries.map(({ kind, id }) => (kind === "use" ? id : kind))).toEqual(["correction", "talk"]);
  });

  test("hold what the role may see, and nothing without a format or of another account", async () => {
    const own = await file("max", { format: "ndjson", user: "max" });
    expect((await own.text()).trim().split("\n")).toHaveLength(3);
    expect((await file("olga", { format: "csv", feature: "assistant" })).status).toBe(200);
    const refused = [
      ["max", { format: "csv" }, 403],
      ["max", { format: "csv", user: "sue" }, 403],
      ["olga", { format: "csv", feature: "customer_agent" }, 403],
      ["sue", { format: "xlsx" }, 404],
      ["sue", {}, 404],
      ["sue", { format: "csv", from: "soon" }, 422],
    ] as const;
    for (const [user, query, status] of refused) {
      const answer = await file(user, query);
      expect([user, query, answer.status]).toEqual([user, query, status]);
      expect(answer.headers.get("content-disposition")).toBeNull();
    }
    expect((await file("sue", { format: "csv" }, "acme")).status).toBe(404);
  });
});

describe("an entry", () => {
  test("is found from the log whatever its id, with its parts added up", async () => {
    const page = await as("sue");
    await page.goto(`${ROOT}/log`);
    await rowsOf(page).filter({ hasText: "Olga Own" }).getByRole("link").click();
    await page.getByRole("heading", { level: 1, name: ODD_ID }).waitFor();
    const parts = page.getByRole("table", { name: "Parts of the event" });
    expect(await seen(parts)).toMatch(/374 1 credit per 1,000 374 × 1 ÷ 1,000 = 0\.374 0\.374/);
    expect(await seen(parts)).toMatch(/44 4 credits per 1,000 44 × 4 ÷ 1,000 = 0\.176 0\.176 Total 0\.55/);
  });

  test("tells who, for what, what came of it and what was reversed", async () => {
    const page = await as("sue", { viewport: PHONE });
    const answer = await page.goto(hrefOf("talk"));
    if (answer !== null) expectCheap(answer);
    const text = await textOf(page);
    expect(text).toContain("Reversed in part");
    expect(text).toMatch(/Credits 30 as booked Reversed 10 by corrections Remains 20/);
    expect(text).toMatch(/User Max Member \(max\) Team support Workflow triage Subject ticket\/1/);
    expect(text).toMatch(/recorded after the fact/);
    expect(text).toMatch(/Properties model large/);
    expect(text).toMatch(/Ticket resolved Value \$4\.50 Said with the event/);
    expect(await seen(page.getByRole("table", { name: "Corrections" }))).toMatch(
      /handled twice .* 10 Reversed in total 10$/,
    );
    expect(text).toContain("gets the first answer again and books nothing");
    await expectFitsWidth(page);
    await expectAccessible(page);
  });

  test("shows an outcome that was attached later", async () => {
    const outcome = { type: "hours_saved", quantity: 1.5, unit: "hours" };
    await world.live.attachOutcome(ACCOUNT, { event: "own", outcome });
    const page = await as("sue");
    await page.goto(hrefOf("own"));
    expect(await textOf(page)).toMatch(/Hours saved .*Quantity 1\.5 hours Said later, attached to the event/);
  });

  test.each([
    ["open_hold", /Hold open .* still going on.* Reserved 20 credits .* 5,000 × 4 ÷ 1,000 = 20/],
    ["captured_hold", /Booked .* Reserved 16 credits .* Captured .* Booked 10 credits Given back 6 credits/],
    ["released_hold", /Hold released .* Nothing was used\. Reserved 4 credits .* Released/],
  ])("explains the hold of %s", async (id, expected) => {
    const page = await as("sue");
    await page.goto(hrefOf(id));
    expect(await textOf(page)).toMatch(expected);
  });

  test("is there for whom it is theirs to see only", async () => {
    const statuses = async (user: string, ids: readonly string[]) => {
      const page = await as(user);
      const found: unknown[] = [];
      for (const id of ids) found.push([id, (await page.goto(hrefOf(id)))?.status()]);
      return found;
    };
    const unknown = ["no-such", "x".repeat(300), "cor_1"];
    expect(await statuses("sue", ["talk", ODD_ID, ...unknown])).toEqual([
      ["talk", 200],
      [ODD_ID, 200],
      ...unknown.map((id) => [id, 404]),
    ]);
    expect(await statuses("max", ["talk", "captured_hold", ODD_ID, "bulk_1", ...unknown])).toEqual([
      ["talk", 200],
      ["captured_hold", 200],
      [ODD_ID, 404],
      ["bulk_1", 404],
      ...unknown.map((id) => [id, 404]),
    ]);
    expect(await statuses("olga", [ODD_ID, "own", "talk"])).toEqual([
      [ODD_ID, 200],
      ["own", 200],
      ["talk", 404],
    ]);
    const page = await as("sue");
    expect((await page.goto("/accounts/acme/log/demo_acme_390"))?.status()).toBe(404);
  });
});
