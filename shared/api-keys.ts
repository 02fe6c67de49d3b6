/**
 * API keys: `dd_live_<token>` or `dd_test_<token>`, where the token is a JWT signed with the deployment's secret.
 * It carries id, scopes and mode, so that a key is verified without a look-up.
 */
import { sign, verify } from "hono/jwt";
import { z } from "zod";
import { MODES, type Mode } from "./api/common.ts";

export const SCOPES = ["consume", "read", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** What a key proves about its bearer. */
export interface Caller {
  readonly keyId: string;
  readonly mode: Mode;
  readonly scopes: readonly Scope[];
  /** Set where the pages call for somebody who is signed in. */
  readonly session?: CallerSession;
}

/** A session of the pages; its user reaches one account. */
export interface CallerSession {
  readonly sessionId: string;
  /** null: the operator's. */
  readonly user: { readonly account: string; readonly user: string } | null;
}

const ALGORITHM = "HS256";
const KEY_PATTERN = /^dd_(live|test)_([\w-]+\.[\w-]+\.[\w-]+)$/;

const claimsSchema = z.object({
  jti: z.string(),
  mode: z.enum(MODES),
  scope: z.array(z.enum(SCOPES)),
});

/** Makes the key that a caller presents; it is shown once and stored nowhere. */
export async function mintKey(caller: Caller, secret: string): Promise<string> {
  const claims = { jti: caller.keyId, mode: caller.mode, scope: [...caller.scopes] };
  return `dd_${caller.mode}_${await sign(claims, secret, ALGORITHM)}`;
}

/** The caller that a key proves, or null where it is not one of this deployment's. */
export async function readKey(key: string, secret: string): Promise<Caller | null> {
  const [, mode, token] = KEY_PATTERN.exec(key) ?? [];
  if (token === undefined) return null;
  try {
    const claims = claimsSchema.parse(await verify(token, secret, ALGORITHM));
    return claims.mode === mode ? { keyId: claims.jti, mode: claims.mode, scopes: claims.scope } : null;
  } catch {
    return null;
  }
}
