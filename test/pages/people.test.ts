/** People, budgets, notifications and the audit log, walked through as their users do. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { PHONE } from "./support/browser.ts";
import { expectAccessible, expectFitsWidth, watchErrors } from "./support/checks.ts";
import { errorOf, flashOf } from "./support/seen.ts";
import { type FurnishedAccount, furnish, OWNED } from "./support/two-accounts.ts";
import { usePages } from "./support/world.ts";

const world = usePages();

let own: FurnishedAccount;
let root: string;

beforeAll(async () => {
  own = await furnish(world.live);
  root = `/accounts/${own.account}`;
});

const asAdmin = (options = {}) => world.signIn({ account: own.account, user: own.user.super_admin }, options);

/** Of a group of choices. */
async function groupError(page: Page, name: string): Promise<string> {
  const group = page.getByRole("group", { name });
  return (await group.locator(".error").textContent()) ?? "";
}

describe.each([
  ["on a desktop", { javaScript: true }],
  ["on a phone without JavaScript", { javaScript: false, viewport: PHONE }],
] as const)("a super admin %s", (_, options) => {
  const suffix = options.javaScript ? "js" : "plain";

  test("adds a person; what is wrong is said beside its field", async () => {
    const page = await asAdmin(options);
    const errors = watchErrors(page);
    await page.goto(`${root}/people`);
    await page.getByLabel("Id", { exact: true }).fill(own.user.member);
    await page.getByLabel("Name", { exact: true }).fill("Nadia New");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    expect(await errorOf(page.getByLabel("Id", { exact: true }))).toContain("take another one");
    // axe is a script.
    if (options.javaScript) await expectAccessible(page);

    const user = `nadia/${suffix}?`;
    await page.getByLabel("Id", { exact: true }).fill(user);
    await page.getByLabel("Member").uncheck();
    const tooMany = Array.from({ length: 21 }, (_unused, index) => `team ${index}`).join(", ");
    await page.getByLabel(/^Teams/).fill(tooMany);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    expect(await groupError(page, "Roles")).not.toBe("");
    expect(await errorOf(page.getByLabel(/^Teams/, { exact: true }))).not.toBe("");
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Nadia New");
    await expectFitsWidth(page);

    await page.getByLabel("Billing admin").check();
    await page.getByLabel(/^Teams/).fill("Sales,\n Support, Sales");
    await page.getByLabel("Spikes").check();
    await page.getByRole("button", { name: "Add", exact: true }).click();
    expect(await flashOf(page)).toBe("Nadia New was added.");
    expect(await world.live.user(own.account, user)).toMatchObject({
      name: "Nadia New",
      email: null,
      roles: ["billing_admin"],
      teams: ["Sales", "Support"],
      notify: { optIn: ["spike"], email: true },
    });

    await page.getByRole("link", { name: "Nadia New" }).click();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Nadia New");
    await page.getByLabel("Name", { exact: true }).fill("Nadia Newer");
    await page.getByLabel("Send this person no notices at all").check();
    await page.getByRole("button", { name: "Save" }).click();
    expect(await flashOf(page)).toBe("Nadia Newer was changed.");
    expect(await world.live.user(own.account, user)).toMatchObject({ notify: { email: false } });

    await page.getByRole("link", { name: "Remove…" }).click();
    await page.getByRole("button", { name: "Remove" }).click();
    expect(await groupError(page, "Are you sure?")).toBe("Tick this box first.");
    await page.getByLabel("Yes, remove this person").check();
    await page.getByRole("button", { name: "Remove" }).click();
    expect(await flashOf(page)).toBe(`${user} was removed.`);
    await expect(world.live.user(own.account, user)).rejects.toMatchObject({ problem: { status: 404 } });
    // A page that was refused is answered with 422, which the browser notes.
    expect(errors.filter((error) => !error.includes("422"))).toEqual([]);
  });

  test("erases a person for good", async () => {
    const user = `erased.${suffix}`;
    await world.live.putUser(own.account, user, {
      name: "Gone Girl",
      email: "gone@girl.example",
      roles: ["member"],
    });
    const page = await asAdmin(options);
    await page.goto(`${root}/people/${user}`);
    await page.getByRole("link", { name: "Erase for good…" }).click();
    expect(await page.locator("main").textContent()).toContain("The id stays");
    await page.getByLabel(/^Yes, erase/).check();
    await page.getByRole("button", { name: "Erase for good" }).click();
    expect(await flashOf(page)).toBe("Name and address were erased.");
    for (const path of [`${root}/people/${user}`, `${root}/people`, `${root}/audit`]) {
      await page.goto(path);
      const html = await page.content();
      expect(html).not.toContain("Gone Girl");
      expect(html).not.toContain("gone@girl.example");
    }
    // The id is not for somebody else.
    await page.goto(`${root}/people`);
    await page.getByLabel("Id", { exact: true }).fill(user);
    await page.getByLabel("Name", { exact: true }).fill("Another One");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    expect(await errorOf(page.getByLabel("Id", { exact: true }))).toContain("erased");
  });

  test("adds, changes and removes a budget; what is wrong is said beside its field", async () => {
    const page = await asAdmin(options);
    const budget = `budget-${suffix}`;
    await page.goto(`${root}/budgets`);
    await page.getByLabel("Feature", { exact: true }).selectOption(OWNED.feature);
    await page.getByLabel("Name of the budget").fill("no name");
    await page.getByLabel("Credits per usage period").fill("a lot");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    expect(await errorOf(page.getByLabel("Name of the budget", { exact: true }))).toContain(
      "letters, digits",
    );
    await page.getByLabel("Name of the budget").fill(budget);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    expect(await errorOf(page.getByLabel("Credits per usage period", { exact: true }))).toContain(
      "must be a number",
    );
    if (options.javaScript) await expectAccessible(page);

    await page.getByLabel("Name of the budget").fill("limit");
    await page.getByLabel("Credits per usage period").fill("1000");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    expect(await errorOf(page.getByLabel("Name of the budget", { exact: true }))).toContain(
      "There is a budget of this name",
    );

    await page.getByRole("navigation", { name: "Whose budget" }).getByRole("link", { name: "Team" }).click();
    await page.getByLabel("Team", { exact: true }).fill("nobodies");
    await page.getByLabel("Name of the budget").fill(budget);
    await page.getByLabel("Credits per usage period").fill("12.5");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    expect(await errorOf(page.getByLabel("Team", { exact: true }))).toBe(
      "Nobody is known to be in this team.",
    );
    await page.getByLabel(/^Add the budget all the same/).check();
    await page.getByLabel("Deny").check();
    await page.getByRole("button", { name: "Add", exact: true }).click();
    expect(await flashOf(page)).toBe(`The budget ${budget} was added.`);
    expect(await world.live.budget(own.account, budget)).toMatchObject({
      subject: "team",
      key: "nobodies",
      credits: 12.5,
      hard: true,
    });

    await page.getByRole("link", { name: budget }).click();
    await page.getByLabel("Credits per usage period").fill("-1");
    await page.getByRole("button", { name: "Save" }).click();
    expect(await errorOf(page.getByLabel("Credits per usage period", { exact: true }))).toContain(
      "must not be negative",
    );
    await page.getByLabel("Credits per usage period").fill("20");
    await page.getByRole("button", { name: "Save" }).click();
    expect(await flashOf(page)).toBe(`The budget ${budget} was changed.`);
    await page.goto(`${root}/audit?action=budget_changed`);
    expect((await page.getByRole("row", { name: budget }).first().textContent()) ?? "").toContain("12.5");

    await page.goto(`${root}/budgets/${budget}`);
    await page.getByRole("button", { name: "Remove this budget" }).click();
    expect(await flashOf(page)).toBe(`The budget ${budget} was removed.`);
    expect(await page.getByRole("link", { name: budget }).count()).toBe(0);
  });
});

test("the only super admin is not given up by a slip", async () => {
  const page = await asAdmin();
  await page.goto(`${root}/people/${own.user.super_admin}`);
  await page.getByLabel("Super admin", { exact: true }).uncheck();
  await page.getByLabel("Member").check();
  await page.getByRole("button", { name: "Save" }).click();
  expect(await groupError(page, "Roles")).toContain("the only super admin");
  for (const how of ["remove", "erase"]) {
    await page.goto(`${root}/people/${own.user.super_admin}/${how}`);
    expect(await page.locator("main").textContent()).toContain("the only super admin");
  }
  expect((await world.live.user(own.account, own.user.super_admin)).roles).toEqual(["super_admin"]);
  await world.live.putUser(own.account, "second", { name: "Second", roles: ["super_admin"] });
  await page.goto(`${root}/people/${own.user.super_admin}/remove`);
  expect(await page.locator("main").textContent()).not.toContain("the only super admin");
  await world.live.removeUser(own.account, "second");
});

test("a person's page tells their use, what they own and what they may not use", async () => {
  const limited = { access: { users: [own.user.member], teams: [] } };
  await world.live.putFeature(own.account, "prospecting_agent", limited);
  const page = await asAdmin();
  await page.goto(`${root}/people/${own.user.feature_owner}`);
  const text = (await page.locator("main").textContent()) ?? "";
  expect(text).toMatch(/Events1/);
  const facts = (name: string) => page.locator(`dt:text-is("${name}") + dd`).textContent();
  expect(await facts("Owns")).toBe("Assistant");
  expect(await facts("May not use")).toBe("Prospecting agent");
  await page.goto(`${root}/people`);
  await page
    .getByRole("row", { name: /Prospecting agent/ })
    .getByRole("link")
    .click();
  expect(new URL(page.url()).pathname).toBe(`${root}/features/prospecting_agent`);
});

test("many people come in pages", async () => {
  const many = await furnish(world.live);
  for (let number = 1; number <= 50; number += 1) {
    await world.live.putUser(many.account, `zz-${number}`, { name: `Person ${number}`, roles: ["member"] });
  }
  const page = await world.signIn({ account: many.account, user: many.user.super_admin });
  await page.goto(`/accounts/${many.account}/people`);
  const people = page.getByRole("table", { name: "People" }).locator("tbody tr");
  expect(await people.count()).toBe(50);
  await page.getByRole("link", { name: "Next page" }).click();
  expect(await people.count()).toBe(6);
  await page.getByRole("link", { name: "First page" }).click();
  expect(await people.count()).toBe(50);
});

test("notifications say what was told, and who got it where", async () => {
  await world.live.putBudget(own.account, "small", { subject: "feature", key: OWNED.feature, credits: 1 });
  const event = { account: own.account, id: `${own.account}.small`, user: own.user.member, ...OWNED };
  await world.live.consume(event);
  const deliveries = async () => {
    const { data } = await world.live.notifications(own.account);
    return data.find(({ title }) => title.includes('"small"'))?.deliveries.map(({ status }) => status);
  };
  await expect.poll(deliveries, { timeout: 30_000 }).toContain("delivered");

  const admin = await asAdmin();
  await admin.goto(`${root}/notifications`);
  const notice = admin.getByRole("article").filter({ hasText: "small" }).first();
  await notice.getByText(/^Delivered to/).click();
  const row = notice.getByRole("row", { name: own.user.super_admin });
  expect(await row.textContent()).toContain(`${own.user.super_admin}@mail.example`);
  expect(await row.textContent()).toContain("Delivered");
  await expectAccessible(admin);
  await admin.getByRole("link", { name: "yours are here" }).click();
  expect(new URL(admin.url()).pathname).toBe(`${root}/people/${own.user.super_admin}`);

  // Other people's addresses are a super admin's to see.
  const billing = await world.signIn({ account: own.account, user: own.user.billing_admin });
  await billing.goto(`${root}/notifications`);
  expect(await billing.content()).not.toContain("@mail.example");
});

test("the audit log says who changed what from what to what, and is narrowed by its filters", async () => {
  const page = await asAdmin();
  await page.goto(`${root}/budgets/limit`);
  await page.getByLabel("Credits per usage period").fill("1234.5");
  await page.getByRole("button", { name: "Save" }).click();
  await page.goto(`${root}/audit`);
  const row = page.getByRole("row", { name: /Budget set ?limit/ }).first();
  expect(await row.textContent()).toMatch(/Credits: 1,000\s*→, now\s*1,234.5/);
  expect(await row.textContent()).toContain(`Name of ${own.user.super_admin}`);
  expect(await row.textContent()).not.toContain("Key");

  await page.getByLabel("What").selectOption("pack_bought");
  await page.getByLabel("Who").fill("system");
  await page.getByRole("button", { name: "Show" }).click();
  expect(await page.locator("main").textContent()).toContain("No change matches.");
  await page.getByRole("link", { name: "Show all changes" }).click();
  await page.getByLabel("What").selectOption("pack_bought");
  await page.getByRole("button", { name: "Show" }).click();
  expect(await page.locator("tbody tr").count()).toBe(1);
  await page.goto(`${root}/audit?from=someday`);
  expect(await errorOf(page.getByLabel(/^From/, { exact: true }))).toContain("must be a day");
  await page.goto(`${root}/audit?from=2020-01-01&to=2020-01-31`);
  expect(await page.locator("main").textContent()).toContain("No change matches.");
});
