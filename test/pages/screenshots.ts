/** `npm run screenshots -- --out FOLDER`: a picture of every page with demo data, light and dark, desktop and phone. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { seed } from "../../scripts/local/seed.ts";
import { startServer } from "../../scripts/local/server.ts";
import { mintKey, SCOPES } from "../../shared/api-keys.ts";
import { Drawdown } from "../../shared/client/client.ts";
import { DEMO_ACCOUNT, DEMO_USERS, PAGES } from "./page-table.ts";
import { DESKTOP, type DeviceOptions, launchBrowser, openDevice, PHONE } from "./support/browser.ts";
import { findBrowser } from "./support/chromium.ts";

const { values } = parseArgs({
  options: { out: { type: "string" }, only: { type: "string", default: "" } },
});
const { out, only } = values;
if (out === undefined) {
  console.error("Usage: npm run screenshots -- --out FOLDER [--only NAME]");
  process.exit(2);
}

const LOOKS: Readonly<Record<string, DeviceOptions>> = {
  "light-desktop": { viewport: DESKTOP, colorScheme: "light" },
  "dark-desktop": { viewport: DESKTOP, colorScheme: "dark" },
  "light-phone": { viewport: PHONE, colorScheme: "light" },
  "dark-phone": { viewport: PHONE, colorScheme: "dark" },
};

const stateFolder = mkdtempSync(join(tmpdir(), "drawdown-screenshots-"));
const server = await startServer({ stateFolder, cron: false, log: () => {} });
const apiKey = await mintKey({ keyId: "key_live", mode: "live", scopes: SCOPES }, server.signingSecret);
const browser = await launchBrowser(await findBrowser());
try {
  await seed({ url: server.url, adminKey: apiKey });
  mkdirSync(out, { recursive: true });
  for (const [look, options] of Object.entries(LOOKS)) {
    const device = await openDevice(browser, { baseUrl: server.url, ...options });
    const page = await device.newPage();
    await signInAdmin(page);
    await take(page, "/accounts/", look);
    await signInOperator(page);
    await take(page, "/operator", look);
    await device.close();
  }
} finally {
  await browser.close();
  await server.close();
  rmSync(stateFolder, { recursive: true, force: true });
}

async function signInAdmin(page: Page): Promise<void> {
  const drawdown = new Drawdown({ baseUrl: server.url, apiKey });
  const { url } = await drawdown.createPortalSession(DEMO_ACCOUNT, DEMO_USERS.super_admin);
  await page.goto(url);
}

async function signInOperator(page: Page): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("API key").fill(apiKey);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/operator/accounts");
}

async function take(page: Page, below: string, look: string): Promise<void> {
  for (const { name, path } of PAGES) {
    if (!path.startsWith(below) || !name.includes(only)) continue;
    await page.goto(path);
    await page.screenshot({ path: join(out ?? "", `${name}-${look}.png`), fullPage: true });
  }
}
