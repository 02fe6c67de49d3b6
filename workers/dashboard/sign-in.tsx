/** Signing in and out: a user by the link that the operator's product minted, the operator by a key (rules, 9). */

import { Hono } from "hono";
import { readKey } from "../../shared/api-keys.ts";
import { readLink } from "../../shared/session-token.ts";
import { currentGate } from "../ingest/auth.ts";
import { SESSION_LASTS_MS } from "../sessions/portal.ts";
import { endSession, insertSession, openLink } from "../sessions/store.ts";
import { documentAnswer } from "./answer.tsx";
import { forgetSession, sessionOf, setSession } from "./cookie.ts";
import { type FormState, readForm, UNTOUCHED } from "./form.ts";
import type { DashboardEnv, Html } from "./page.tsx";
import { TextField } from "./parts/fields.tsx";
import { Form } from "./parts/form.tsx";
import { accountPath } from "./parts/paths.ts";
import { Document, MessagePage } from "./shell.tsx";

const FORM = "sign-in";

function SignInPage({ state }: { state: FormState }): Html {
  return (
    <Document title="Sign in">
      <main id="content" class="message-page">
        <h1>Operator sign-in</h1>
        <p>
          The key is exchanged for a session and not kept in this browser. People of an account sign in with a
          link from the product that they use.
        </p>
        <Form name={FORM} state={state} submit="Sign in">
          <TextField
            form={FORM}
            state={state}
            name="key"
            label="API key"
            type="password"
            hint="With the scope read; with admin you can make changes too."
            required
          />
        </Form>
      </main>
    </Document>
  );
}

const LINK_OVER = (
  <MessagePage
    title="This link has ended"
    text="Sign-in links work once and for a few minutes. Go back to the product and open the page from there again."
  />
);

export const signInRoutes = new Hono<DashboardEnv>()
  .get("/sign-in", (context) => documentAnswer(context, <SignInPage state={UNTOUCHED} />, 200))
  .post("/sign-in", async (context) => {
    const form = await readForm(context.req);
    const key = form.text("key");
    const caller = await readKey(key, context.env.KEY_SIGNING_SECRET);
    const { revokedKeyIds } = await currentGate(context.env.DB, context.executionCtx);
    const problem =
      caller === null || revokedKeyIds.has(caller.keyId)
        ? "This is no key of this deployment, or it was revoked."
        : caller.scopes.includes("read")
          ? null
          : "This key lacks the scope read; use one that has it.";
    if (caller === null || problem !== null) {
      const state = { refused: FORM, values: form, errors: { key: problem ?? "" }, message: null };
      return documentAnswer(context, <SignInPage state={state} />, 422);
    }
    const nowMs = Date.now();
    const expiresAtMs = nowMs + SESSION_LASTS_MS;
    const sessionId = crypto.randomUUID();
    await insertSession(context.env.DB, { sessionId, createdAtMs: nowMs, openedAtMs: nowMs, expiresAtMs });
    const scopes = caller.scopes.filter((scope) => scope !== "consume");
    const { keyId, mode } = caller;
    await setSession(context, { sessionId, mode, scopes, keyId, user: null, exp: inSeconds(expiresAtMs) });
    return context.redirect("/operator/accounts", 303);
  })
  .get("/portal/:token", async (context) => {
    // Programs look at links before people do; GET stands for HEAD too, and must not use the link up then.
    if (context.req.method === "HEAD") return documentAnswer(context, "", 200);
    const link = await readLink(context.req.param("token"), context.env.KEY_SIGNING_SECRET);
    const nowMs = Date.now();
    if (link?.user == null || !(await openLink(context.env.DB, link.sessionId, nowMs))) {
      return documentAnswer(context, LINK_OVER, 404);
    }
    await setSession(context, { ...link, exp: inSeconds(nowMs + SESSION_LASTS_MS) });
    context.header("cache-control", "private, no-store");
    return context.redirect(accountPath(link.user.account), 303);
  })
  .post("/sign-out", async (context) => {
    const signedIn = await sessionOf(context);
    if (signedIn !== null) await endSession(context.env.DB, signedIn.session.sessionId, Date.now());
    forgetSession(context);
    return context.redirect(signedIn?.session.user === null ? "/sign-in" : "/signed-out", 303);
  })
  .get("/signed-out", (context) =>
    documentAnswer(
      context,
      <MessagePage
        title="Signed out"
        text="Open the page from your product again when you want to come back."
      />,
      200,
    ),
  );

function inSeconds(atMs: number): number {
  return Math.floor(atMs / 1000);
}
