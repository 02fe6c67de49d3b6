/** Starts the browser and opens contexts as a person's device does: width, colours, with JavaScript or without. */
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from "playwright-core";
import type { BrowserProgram } from "./chromium.ts";

/** Widths and heights in CSS pixels. */
export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 375, height: 812 };

export interface DeviceOptions {
  /** DESKTOP unless given. */
  readonly viewport?: { readonly width: number; readonly height: number };
  /** light unless given. */
  readonly colorScheme?: "light" | "dark";
  /** Off only where false. */
  readonly javaScript?: boolean;
  /** What relative addresses start from. */
  readonly baseUrl?: string;
  /** Of a context that signed in, to go on with its cookies: see `storageState` of playwright. */
  readonly storageState?: BrowserContextOptions["storageState"];
}

/** What a page has no need of, and would make a run slower or less the same. */
const ARGUMENTS = ["--disable-gpu", "--disable-webgl", "--font-render-hinting=none"];
const NAVIGATION_TIMEOUT_MS = 20_000;
const ACTION_TIMEOUT_MS = 10_000;

/** Headless, in a profile of its own. */
export function launchBrowser({ executablePath, environment }: BrowserProgram): Promise<Browser> {
  const env = Object.fromEntries(
    Object.entries({ ...process.env, ...environment }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  return chromium.launch({ executablePath, env, headless: true, args: ARGUMENTS });
}

/** A device of its own: cookies, width, colours. To be closed by the caller. */
export async function openDevice(browser: Browser, options: DeviceOptions = {}): Promise<BrowserContext> {
  const { viewport = DESKTOP, colorScheme = "light", javaScript = true, baseUrl, storageState } = options;
  const context = await browser.newContext({
    viewport,
    colorScheme,
    javaScriptEnabled: javaScript,
    locale: "en-US",
    timezoneId: "UTC",
    reducedMotion: "reduce",
    ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
    ...(storageState === undefined ? {} : { storageState }),
  });
  context.setDefaultNavigationTimeout(NAVIGATION_TIMEOUT_MS);
  context.setDefaultTimeout(ACTION_TIMEOUT_MS);
  return context;
}
