/**
 * Tokens of the pages: a portal link, which opens a session once, and the session itself, which the browser keeps as a
 * cookie and which the API takes as a credential. Both are JWTs under secrets of their own, so that neither passes for
 * the other nor for an API key.
 */
import { sign, verify } from "hono/jwt";
import { z } from "zod";
import { MODES } from "./api/common.ts";
import { SCOPES } from "./api-keys.ts";

const ALGORITHM = "HS256";

/** Begins a session's token, so that it is told from a key. */
const SESSION_PREFIX = "dd_session_";

const claimsSchema = z.object({
  /** Of the row in D1. */
  sessionId: z.string(),
  mode: z.enum(MODES),
  scopes: z.array(z.enum(SCOPES)),
  /** Of the key that signed in or asked for the link; once it is revoked, the session is over. */
  keyId: z.string(),
  /** Who signed in to which account; null: the operator. */
  user: z.object({ account: z.string(), user: z.string() }).nullable(),
  /** Seconds since the epoch, as JWTs have it. */
  exp: z.number(),
});

/** Who is signed in, and until when. */
export type Session = z.infer<typeof claimsSchema>;

type Purpose = "portal-link" | "session";

function secretFor(purpose: Purpose, secret: string): string {
  return `${purpose}:${secret}`;
}

async function readToken(purpose: Purpose, token: string, secret: string): Promise<Session | null> {
  try {
    return claimsSchema.parse(await verify(token, secretFor(purpose, secret), ALGORITHM));
  } catch {
    return null;
  }
}

/** A link's token; `session.exp` is when the link ends. */
export function mintLink(session: Session, secret: string): Promise<string> {
  return sign({ ...session }, secretFor("portal-link", secret), ALGORITHM);
}

/** null: it is no link of this deployment, or too old. */
export function readLink(token: string, secret: string): Promise<Session | null> {
  return readToken("portal-link", token, secret);
}

export async function mintSession(session: Session, secret: string): Promise<string> {
  return SESSION_PREFIX + (await sign({ ...session }, secretFor("session", secret), ALGORITHM));
}

/** null: it is no session of this deployment, or over. */
export async function readSession(token: string, secret: string): Promise<Session | null> {
  return isSessionToken(token) ? readToken("session", token.slice(SESSION_PREFIX.length), secret) : null;
}

export function isSessionToken(token: string): boolean {
  return token.startsWith(SESSION_PREFIX);
}
