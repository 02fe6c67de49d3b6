/** How a page is sent: as a document that nobody stores, with what it has cost; and what a form says on the next page. */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { DashboardEnv, Html, Page } from "./page.tsx";

const FLASH = "drawdown-flash";
const FLASH_SECONDS = 60;

/** The API's and browsers' word for where a request spent its time. */
export async function answer({ context, costs }: Page, body: Html, status: 200 | 422): Promise<Response> {
  const html = await textOf(body);
  const { accountCalls, databaseBatches } = costs();
  context.header("server-timing", `account;desc="${accountCalls}", d1;desc="${databaseBatches}"`);
  return documentAnswer(context, html, status);
}

export async function documentAnswer(
  context: Context<DashboardEnv>,
  body: Html | string,
  status: 200 | 403 | 404 | 422 | 500 | 503,
): Promise<Response> {
  context.header("cache-control", "private, no-store");
  return context.html(`<!doctype html>${await textOf(body)}`, status);
}

/** Parts that read for themselves make a page's text a promise. */
async function textOf(body: Html | string): Promise<string> {
  return (await body).toString();
}

/** 303, so that loading the next page again sends nothing again. */
export function redirectSaying(
  context: Context<DashboardEnv>,
  { to, said }: { readonly to: string; readonly said: string },
): Response {
  setCookie(context, FLASH, said, {
    path: "/",
    httpOnly: true,
    secure: true,
    sameSite: "Lax",
    maxAge: FLASH_SECONDS,
  });
  return context.redirect(to, 303);
}

/** Said once. */
export function takeFlash(context: Context<DashboardEnv>): string | null {
  const said = getCookie(context, FLASH);
  if (said === undefined) return null;
  deleteCookie(context, FLASH, { path: "/", secure: true });
  return said;
}
