/**
 * Who asks, and may they (API conventions). A key is verified by its signature, once per isolate; what may have
 * changed since, revocations and the newest revision of the offer, is refreshed in the background.
 */
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { ACTOR_HEADER, actorSchema, decodeActor } from "../../shared/api/actor.ts";
import { type Caller, readKey, type Scope } from "../../shared/api-keys.ts";
import { isSessionToken, readSession, type Session } from "../../shared/session-token.ts";
import { type Gate, loadGate } from "../offer.ts";
import { refuseUser } from "../people/permissions.ts";
import { isSessionOpen } from "../sessions/store.ts";
import { type AppEnv, accountNotFound, invalidField, ProblemError } from "./http.ts";

/** A gate of this age is refreshed beside the request. */
const GATE_FRESH_MS = 10_000;
/** An older one is not used where D1 answers: a revoked key is refused everywhere within this time. */
const GATE_STALE_MS = 60_000;
const KEYS_CACHED_MAX = 1_000;

type LoadedGate = Gate & { readonly loadedAtMs: number };

let gate: LoadedGate | null = null;
/** Counts what this isolate changed itself: a look that began before a change must not hide it. */
let generation = 0;
let refreshing = false;
const keys = new Map<string, Caller>();

async function refreshGate(database: D1Database): Promise<LoadedGate> {
  const begun = generation;
  const loadedAtMs = Date.now();
  const loaded = { ...(await loadGate(database)), loadedAtMs };
  if (begun === generation) gate = loaded;
  return loaded;
}

async function refreshInBackground(database: D1Database): Promise<void> {
  refreshing = true;
  try {
    await refreshGate(database);
  } catch (error) {
    console.warn("the gate was not refreshed", error);
  } finally {
    refreshing = false;
  }
}

/** Makes the next request see a change that this isolate has just written. */
export function forgetGate(): void {
  generation += 1;
  gate = null;
}

/**
 * What every isolate has to know to let callers in, at most a minute old. While D1 does not answer, an older one
 * goes on being used: accounts decide without D1, so callers must not be turned away for its sake.
 */
export async function currentGate(
  database: D1Database,
  execution: Pick<ExecutionContext, "waitUntil">,
): Promise<Gate> {
  const known = gate;
  if (known === null) return refreshGate(database);
  const ageMs = Date.now() - known.loadedAtMs;
  if (ageMs > GATE_STALE_MS) {
    return refreshGate(database).catch((error) => {
      console.warn("D1 does not answer; the gate is older than it should be", error);
      return known;
    });
  }
  if (ageMs > GATE_FRESH_MS && !refreshing) execution.waitUntil(refreshInBackground(database));
  return known;
}

async function verifiedCaller(key: string, secret: string): Promise<Caller | null> {
  if (isSessionToken(key)) return sessionCaller(await readSession(key, secret));
  const known = keys.get(key);
  if (known !== undefined) return known;
  const caller = await readKey(key, secret);
  if (caller === null) return null;
  if (keys.size >= KEYS_CACHED_MAX) keys.clear();
  keys.set(key, caller);
  return caller;
}

function sessionCaller(session: Session | null): Caller | null {
  if (session === null) return null;
  const { keyId, mode, scopes, sessionId, user } = session;
  return { keyId, mode, scopes, session: { sessionId, user } };
}

/** Who acts: who is signed in, else as the caller says, or the key itself. */
function actorOf(header: string | undefined, { keyId, session }: Caller): string {
  if (session?.user) return `user:${session.user.user}`;
  if (header === undefined) return `key:${keyId}`;
  const actor = decodeActor(header);
  if (actor === null) throw invalidField(ACTOR_HEADER, "percent-encode what is not ASCII, and %, as UTF-8");
  const { data, error } = actorSchema.safeParse(actor);
  if (data === undefined) throw invalidField(ACTOR_HEADER, error.issues[0]?.message ?? "is not an actor");
  return data;
}

/** A session that was not opened or is signed out does nothing; one of a user reaches its own account only. */
async function refuseEndedSession(context: Context<AppEnv>, { session }: Caller): Promise<void> {
  if (session === undefined) return;
  const account = context.req.param("account");
  if (session.user !== null && account !== undefined && account !== session.user.account) {
    throw accountNotFound(account);
  }
  if (!(await isSessionOpen(context.env.DB, session.sessionId))) {
    throw new ProblemError(401, "session_ended", "this session is over; sign in again");
  }
}

const BEARER = /^Bearer +(\S+)$/i;

/** Lets in a valid key that has the scope; sets `caller` and `callContext`. Its own `scope` is for the description. */
export function requireScope(scope: Scope) {
  const middleware = createMiddleware<AppEnv>(async (context, next) => {
    const [, key] = BEARER.exec(context.req.header("authorization") ?? "") ?? [];
    if (key === undefined) {
      throw new ProblemError(401, "key_missing", "send an API key: Authorization: Bearer dd_live_…");
    }
    const caller = await verifiedCaller(key, context.env.KEY_SIGNING_SECRET);
    if (caller === null) throw new ProblemError(401, "key_invalid", "this is not a key of this deployment");
    const { revision, revokedKeyIds } = await currentGate(context.env.DB, context.executionCtx);
    if (revokedKeyIds.has(caller.keyId)) throw new ProblemError(401, "key_revoked", "this key was revoked");
    if (!caller.scopes.includes(scope)) {
      throw new ProblemError(
        403,
        "scope_missing",
        `this key lacks the scope "${scope}"; use one that has it`,
      );
    }
    context.set("caller", caller);
    const actor = actorOf(context.req.header(ACTOR_HEADER), caller);
    const callContext = { offerRevision: revision, actor };
    context.set("callContext", callContext);
    await Promise.all([refuseEndedSession(context, caller), refuseUser(context, caller, callContext)]);
    await next();
  });
  return Object.assign(middleware, { scope });
}
