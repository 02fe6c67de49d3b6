/** What holds on every page, for everybody who sees it; and that nobody else does. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { DEMO_ACCOUNT, DEMO_USERS, PAGES, type Visitor } from "./page-table.ts";
import { DESKTOP, type DeviceOptions, PHONE } from "./support/browser.ts";
import {
  expectAccessible,
  expectCheap,
  expectFitsWidth,
  expectLooksAccessible,
  watchErrors,
} from "./support/checks.ts";
import { usePages } from "./support/world.ts";

const world = usePages();

const VISITORS: readonly Visitor[] = ["super_admin", "billing_admin", "feature_owner", "member", "operator"];

function visit(visitor: Visitor, options?: DeviceOptions): Promise<Page> {
  return visitor === "operator"
    ? world.signInOperator(world.keys.live, options)
    : world.signIn({ account: DEMO_ACCOUNT, user: DEMO_USERS[visitor] }, options);
}

async function headingOf(page: Page): Promise<string> {
  const headings = page.getByRole("heading", { level: 1 });
  expect(await headings.count(), `h1 of ${page.url()}`).toBe(1);
  return (await headings.textContent()) ?? "";
}

describe.each(VISITORS)("for a %s", (visitor) => {
  const shown = PAGES.filter(({ visitors }) => visitors.includes(visitor));

  test.each([
    ["desktop, light", { viewport: DESKTOP, colorScheme: "light" }, expectAccessible],
    ["phone, dark", { viewport: PHONE, colorScheme: "dark" }, expectLooksAccessible],
  ] as const)(
    "every page is there, cheap, accessible and fits: %s",
    async (_, options, expectNoBarrier) => {
      const page = await visit(visitor, options);
      const errors = watchErrors(page);
      const failures: string[] = [];
      for (const { name, path } of shown) {
        try {
          const answer = await page.goto(path);
          if (answer === null) throw new Error("no answer");
          expect(answer.status(), "status").toBe(200);
          expectCheap(answer);
          await headingOf(page);
          await expectFitsWidth(page);
          await expectNoBarrier(page);
        } catch (error) {
          failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      expect(failures).toEqual([]);
      expect(errors).toEqual([]);
    },
    240_000,
  );

  test("every page is there without JavaScript", async () => {
    const page = await visit(visitor, { javaScript: false });
    for (const { path } of shown) {
      await page.goto(path);
      expect(await headingOf(page), path).not.toBe("");
    }
  }, 240_000);
});

describe.each(VISITORS.filter((visitor) => PAGES.some(({ visitors }) => !visitors.includes(visitor))))(
  "for a %s",
  (visitor) => {
    const hidden = PAGES.filter(({ visitors }) => !visitors.includes(visitor));

    test("all other pages are not there", async () => {
      const page = await visit(visitor);
      const statuses: string[] = [];
      for (const { path } of hidden) {
        const answer = await page.goto(path);
        statuses.push(`${path} ${answer?.status()}`);
      }
      expect(statuses).toEqual(hidden.map(({ path }) => `${path} 404`));
    });
  },
);
