/** The cookie that keeps a session in the browser: unreadable to scripts, sent to this origin only. */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { mintSession, readSession, type Session } from "../../shared/session-token.ts";
import type { DashboardEnv } from "./page.tsx";

const NAME = "drawdown-session";
const HOST = "host";

/** Who is signed in, with the token that proves it to the API; null: nobody. */
export async function sessionOf(
  context: Context<DashboardEnv>,
): Promise<{ readonly session: Session; readonly token: string } | null> {
  const token = getCookie(context, NAME, HOST);
  if (token === undefined) return null;
  const session = await readSession(token, context.env.KEY_SIGNING_SECRET);
  return session === null ? null : { session, token };
}

export async function setSession(context: Context<DashboardEnv>, session: Session): Promise<void> {
  setCookie(context, NAME, await mintSession(session, context.env.KEY_SIGNING_SECRET), {
    prefix: HOST,
    path: "/",
    secure: true,
    httpOnly: true,
    // A link from elsewhere may open a page; a form from elsewhere may not post.
    sameSite: "Lax",
    expires: new Date(session.exp * 1000),
  });
}

export function forgetSession(context: Context<DashboardEnv>): void {
  deleteCookie(context, NAME, { prefix: HOST, path: "/", secure: true });
}
