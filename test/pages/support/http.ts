/** Pages asked for without a browser: requests as one sends them, with a cookie or without, honest or forged. */
import { inject } from "vitest";
import type { Mode } from "../../../shared/api/common.ts";
import { Drawdown } from "../../../shared/client/client.ts";

export type Fields = Readonly<Record<string, string>>;

export interface HttpPages {
  readonly url: string;
  readonly keys: Readonly<Record<Mode, string>>;
  readonly live: Drawdown;
  readonly test: Drawdown;
  readonly signingSecret: string;
  /** A client that sends any credential, such as a session's token. */
  clientOf(credential: string): Drawdown;
  /** Never follows a redirect. "" as cookie: nobody is signed in. */
  get(path: string, cookie?: string): Promise<Response>;
  /** A form as the site's own page sends it. */
  post(path: string, cookie: string, fields: Fields): Promise<Response>;
  /** Any POST. */
  send(path: string, init: { readonly headers: Fields; readonly body: string }): Promise<Response>;
  /** Signs a user in by a portal link; the session's cookie. */
  cookieOf(account: string, user: string, minter?: Drawdown): Promise<string>;
  /** Signs the operator in by the form. */
  operatorCookie(key: string): Promise<string>;
}

export const FORM_TYPE = "application/x-www-form-urlencoded";

/** To be called at the top of a test file. */
export function useHttpPages(): HttpPages {
  const { url, keys, signingSecret } = inject("world");
  const clientOf = (apiKey: string) => new Drawdown({ baseUrl: url, apiKey, retryForMs: 0 });
  const live = clientOf(keys.live);
  const send: HttpPages["send"] = (path, init) =>
    fetch(url + path, { ...init, method: "POST", redirect: "manual" });
  const post: HttpPages["post"] = (path, cookie, fields) =>
    send(path, {
      headers: { cookie, origin: url, "sec-fetch-site": "same-origin", "content-type": FORM_TYPE },
      body: new URLSearchParams(fields).toString(),
    });
  return {
    url,
    keys,
    live,
    test: clientOf(keys.test),
    signingSecret,
    clientOf,
    get: (path, cookie = "") => fetch(url + path, { headers: { cookie }, redirect: "manual" }),
    post,
    send,
    async cookieOf(account, user, minter = live) {
      const link = await minter.createPortalSession(account, user);
      return sessionCookie(await fetch(link.url, { redirect: "manual" }));
    },
    async operatorCookie(key) {
      return sessionCookie(await post("/sign-in", "", { key }));
    },
  };
}

export const SESSION_COOKIE = "__Host-drawdown-session";

/** As the browser sends it back. Throws where the answer signs nobody in. */
export function sessionCookie(answer: Response): string {
  const cookie = answer.headers.getSetCookie().find((one) => one.startsWith(`${SESSION_COOKIE}=`));
  const [pair = ""] = cookie?.split(";") ?? [];
  if (pair.length <= SESSION_COOKIE.length + 1) throw new Error(`nobody was signed in: ${answer.status}`);
  return pair;
}

/** The session's token in its cookie. */
export function tokenOf(cookie: string): string {
  return cookie.slice(SESSION_COOKIE.length + 1);
}
