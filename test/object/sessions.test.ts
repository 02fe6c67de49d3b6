/** Portal links and sessions from inside: once, in time, swept; and what their tokens are not. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { mintKey, readKey } from "../../shared/api-keys.ts";
import { mintLink, mintSession, readLink, readSession, type Session } from "../../shared/session-token.ts";
import {
  endSession,
  insertSession,
  isSessionOpen,
  openLink,
  sweepSessions,
} from "../../workers/sessions/store.ts";

const SECRET = env.KEY_SIGNING_SECRET;
const MINUTE_MS = 60_000;

function session(overrides: Partial<Session> = {}): Session {
  return {
    sessionId: crypto.randomUUID(),
    mode: "live",
    scopes: ["read", "admin"],
    keyId: "key_1",
    user: { account: "acme", user: "u_12" },
    exp: Math.floor(Date.now() / 1000) + 60,
    ...overrides,
  };
}

async function link(nowMs: number): Promise<string> {
  const sessionId = crypto.randomUUID();
  await insertSession(env.DB, {
    sessionId,
    accountKey: "live:acme",
    userId: "u_12",
    createdAtMs: nowMs,
    linkExpiresAtMs: nowMs + 5 * MINUTE_MS,
    expiresAtMs: nowMs + 60 * MINUTE_MS,
  });
  return sessionId;
}

describe("a portal link", () => {
  const nowMs = Date.parse("2026-11-21T10:00:00Z");

  test("opens once, however many open it at the same time", async () => {
    const id = await link(nowMs);
    const opened = await Promise.all(Array.from({ length: 8 }, () => openLink(env.DB, id, nowMs)));
    expect(opened.filter(Boolean)).toHaveLength(1);
    expect(await openLink(env.DB, id, nowMs)).toBe(false);
  });

  test("does not open once its time is over", async () => {
    const id = await link(nowMs);
    expect(await openLink(env.DB, id, nowMs + 5 * MINUTE_MS)).toBe(false);
    expect(await isSessionOpen(env.DB, id)).toBe(false);
  });

  test("that nobody opened is no session", async () => {
    expect(await isSessionOpen(env.DB, await link(nowMs))).toBe(false);
  });
});

describe("a session", () => {
  const nowMs = Date.parse("2026-11-21T10:00:00Z");

  test("is over when its user signs out, and another one is not", async () => {
    const [left, stays] = [await link(nowMs), await link(nowMs)];
    for (const id of [left, stays]) await openLink(env.DB, id, nowMs);
    await endSession(env.DB, left, nowMs);
    expect([await isSessionOpen(env.DB, left), await isSessionOpen(env.DB, stays)]).toEqual([false, true]);
  });

  test("is forgotten once its time is over, and not before", async () => {
    const id = await link(nowMs);
    await openLink(env.DB, id, nowMs);
    await sweepSessions(env, nowMs + 60 * MINUTE_MS);
    expect(await isSessionOpen(env.DB, id)).toBe(true);
    await sweepSessions(env, nowMs + 60 * MINUTE_MS + 1);
    expect(await isSessionOpen(env.DB, id)).toBe(false);
  });
});

describe("a token", () => {
  let tokens: { readonly link: string; readonly session: string };

  beforeAll(async () => {
    tokens = { link: await mintLink(session(), SECRET), session: await mintSession(session(), SECRET) };
  });

  test("of a link is no session, and the reverse", async () => {
    expect(await readSession(`dd_session_${tokens.link}`, SECRET)).toBeNull();
    expect(await readLink(tokens.session.replace("dd_session_", ""), SECRET)).toBeNull();
  });

  test("of a session is no API key, and the reverse", async () => {
    const key = await mintKey({ keyId: "key_1", mode: "live", scopes: ["read", "admin"] }, SECRET);
    expect(await readKey(tokens.session.replace("dd_session_", "dd_live_"), SECRET)).toBeNull();
    expect(await readSession(key.replace("dd_live_", "dd_session_"), SECRET)).toBeNull();
  });

  test("is worth nothing after its time, or under another secret", async () => {
    const over = await mintSession(session({ exp: Math.floor(Date.now() / 1000) - 1 }), SECRET);
    expect(await readSession(over, SECRET)).toBeNull();
    expect(await readSession(tokens.session, `${SECRET}!`)).toBeNull();
    expect(await readSession(tokens.session, SECRET)).toMatchObject({ user: { user: "u_12" } });
  });
});
