/** What somebody sees on a page, and what they press. */
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

/** Text as it is seen, each run of white space as one space. */
export async function seen(locator: Locator): Promise<string> {
  await locator.first().waitFor();
  return (await locator.allInnerTexts()).join(" ").replaceAll(/\s+/g, " ").trim();
}

/** All of a page but its frame. */
export function textOf(page: Page): Promise<string> {
  return seen(page.locator("main"));
}

/** What the form before said when it had done its work. */
export async function flashOf(page: Page): Promise<string> {
  return (await page.locator(".flash").textContent()) ?? "";
}

/** What is said beside a field, to those who see it and, tied to the field, to those who do not. */
export async function errorOf(field: Locator): Promise<string> {
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  const ids = (await field.getAttribute("aria-describedby")) ?? "";
  const error = ids.split(" ").find((id) => id.endsWith("-error"));
  return (await field.page().locator(`[id="${error}"]`).textContent()) ?? "";
}

export function press(page: Page, name: string | RegExp): Promise<void> {
  return page.getByRole("button", { name, exact: true }).click();
}
