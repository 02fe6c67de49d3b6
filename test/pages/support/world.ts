/** What a file of page tests has: the shared server, its own browser, people who sign in. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, inject } from "vitest";
import type { Mode } from "../../../shared/api/common.ts";
import { Drawdown } from "../../../shared/client/client.ts";
import { type DeviceOptions, launchBrowser, openDevice } from "./browser.ts";

export interface SignedIn {
  readonly account: string;
  readonly user: string;
  /** live unless given. */
  readonly mode?: Mode;
}

export interface PageWorld {
  readonly url: string;
  readonly keys: Readonly<Record<Mode, string>>;
  readonly live: Drawdown;
  readonly test: Drawdown;
  /** A device where nobody is signed in; closed after the file's tests. */
  device(options?: DeviceOptions): Promise<BrowserContext>;
  /** A page on a device of its own, signed in by a portal link. */
  signIn(who: SignedIn, options?: DeviceOptions): Promise<Page>;
  /** The same, signed in as the operator with a key, by the form. */
  signInOperator(key?: string, options?: DeviceOptions): Promise<Page>;
  /** Asked for without a browser, with the session only. Never follows a redirect. */
  get(who: SignedIn, path: string): Promise<Response>;
  /** A form that is sent without a browser, as somebody might who saw another role's page. */
  post(who: SignedIn, path: string, fields: Readonly<Record<string, string>>): Promise<Response>;
}

/** To be called at the top of a test file. */
export function usePages(): PageWorld {
  const { url, keys, program } = inject("world");
  const client = (apiKey: string) => new Drawdown({ baseUrl: url, apiKey });
  const clients = { live: client(keys.live), test: client(keys.test) };
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launchBrowser(program);
  });
  afterAll(() => browser?.close());
  const device = (options: DeviceOptions = {}) => {
    if (browser === undefined) throw new Error("the browser is there while tests run");
    return openDevice(browser, { baseUrl: url, ...options });
  };
  const linkFor = async ({ account, user, mode = "live" }: SignedIn) =>
    (await clients[mode].createPortalSession(account, user)).url;
  const cookieOf = async (who: SignedIn) => {
    const answer = await fetch(await linkFor(who), { redirect: "manual" });
    const cookies = answer.headers.getSetCookie();
    return cookies.map((cookie) => cookie.split(";")[0]).join("; ");
  };
  return {
    url,
    keys,
    ...clients,
    device,
    async signIn(who, options) {
      const page = await (await device(options)).newPage();
      await page.goto(await linkFor(who));
      return page;
    },
    async signInOperator(key = keys.live, options) {
      const page = await (await device(options)).newPage();
      await page.goto("/sign-in");
      await page.getByLabel("API key").fill(key);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.waitForURL("**/operator/accounts");
      return page;
    },
    async get(who, path) {
      return fetch(url + path, { headers: { cookie: await cookieOf(who) }, redirect: "manual" });
    },
    async post(who, path, fields) {
      return fetch(url + path, {
        method: "POST",
        headers: { cookie: await cookieOf(who), origin: url },
        body: new URLSearchParams(fields),
        redirect: "manual",
      });
    },
  };
}
