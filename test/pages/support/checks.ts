/** What holds on every page: accessible, without errors, no wider than the screen, cheap. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page, Response } from "playwright-core";
import { expect } from "vitest";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What width and colours decide; the rest is the same markup on every device. */
const RULES_OF_LOOKS = ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block"];

/** axe finds nothing; a failure names the rule, the place and what to do. */
export async function expectAccessible(page: Page): Promise<void> {
  await expectNothing(page, new AxeBuilder({ page }).withTags(RULES));
}

/** Nor in another width and other colours, of a page that is accessible in one. */
export async function expectLooksAccessible(page: Page): Promise<void> {
  await expectNothing(page, new AxeBuilder({ page }).withRules(RULES_OF_LOOKS));
}

async function expectNothing(page: Page, axe: AxeBuilder): Promise<void> {
  const { violations } = await axe.analyze();
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, html }) => `${id}: ${help}\n  ${target.join(" ")}\n  ${html.slice(0, 200)}`),
  );
  if (found.length > 0) throw new Error(`${page.url()}\n${found.join("\n")}`);
}

/** Collects what the browser complains about, such as a breach of the Content-Security-Policy, from now on. */
export function watchErrors(page: Page): readonly string[] {
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.message}`));
  return errors;
}

/** Nothing makes the document wider than the screen. */
export async function expectFitsWidth(page: Page): Promise<void> {
  const excess = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(excess, `pixels too wide: ${page.url()}`).toBeLessThanOrEqual(0);
}

/** At most one call to the account and three batches to D1, as the page itself says. */
export function expectCheap(answer: Response): void {
  const costs = answer.headers()["server-timing"] ?? "";
  const [, account, batches] = /account;desc="(\d+)", d1;desc="(\d+)"/.exec(costs) ?? [];
  expect([Number(account) <= 1, Number(batches) <= 3], `${answer.url()}: ${costs}`).toEqual([true, true]);
}
