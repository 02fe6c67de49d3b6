/** The pages: who may ask for them, what browsers may do with them, and what is said when something is not there. */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { csrf } from "hono/csrf";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import { BODY_BYTES_MAX } from "../../shared/api/common.ts";
import { DrawdownError } from "../../shared/client/client.ts";
import { accountPages } from "./account/pages.ts";
import { documentAnswer } from "./answer.tsx";
import { assetRoutes } from "./assets/assets.ts";
import { forgetSession, sessionOf } from "./cookie.ts";
import { operatorPages } from "./operator/pages.ts";
import { type Api, type DashboardEnv, PageNotFound, SessionEnded } from "./page.tsx";
import { MessagePage } from "./shell.tsx";
import { signInRoutes } from "./sign-in.tsx";

/** Nothing but what this Worker itself serves; no script or style within a page. */
const POLICY = {
  defaultSrc: ["'none'"],
  styleSrc: ["'self'"],
  scriptSrc: ["'self'"],
  imgSrc: ["'self'", "data:"],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
};

export function dashboardRoutes(api: Api): Hono<DashboardEnv> {
  const routes = new Hono<DashboardEnv>();
  const guards = [
    // Forms send their origin only where the referrer may be sent to the same one.
    secureHeaders({
      contentSecurityPolicy: POLICY,
      referrerPolicy: "same-origin",
      strictTransportSecurity: "max-age=15552000",
    }),
    csrf(),
    bodyLimit({ maxSize: BODY_BYTES_MAX }),
  ] as const;
  routes.route("/", assetRoutes);
  routes.get("/", (context) => context.redirect("/sign-in"));
  for (const path of [
    "/sign-in",
    "/sign-out",
    "/signed-out",
    "/portal/*",
    "/accounts/*",
    "/operator/*",
    "/operator",
  ]) {
    routes.use(path, ...guards);
  }
  routes.route("/", signInRoutes);
  for (const path of ["/accounts/*", "/operator/*"]) {
    routes.use(path, async (context, next) => {
      const signedIn = await sessionOf(context);
      if (signedIn === null) return signedOut(context);
      context.set("session", signedIn.session);
      context.set("sessionToken", signedIn.token);
      return next();
    });
  }
  for (const define of [...accountPages, ...operatorPages]) define(routes, api);
  routes.all("/accounts/*", (context) => notFound(context));
  routes.all("/operator/*", (context) => notFound(context));
  routes.onError((error, context) => failure(error, context));
  return routes;
}

function signedOut(context: Context<DashboardEnv>): Response | Promise<Response> {
  if (context.req.path.startsWith("/operator")) return context.redirect("/sign-in", 303);
  return documentAnswer(
    context,
    <MessagePage
      title="Please sign in"
      text="Open this page from the product that you use: it signs you in."
      link={{ href: "/sign-in", label: "Sign in as the operator" }}
    />,
    403,
  );
}

function notFound(context: Context<DashboardEnv>): Promise<Response> {
  return documentAnswer(
    context,
    <MessagePage title="Not found" text="There is no such page, or it is not for you to see." />,
    404,
  );
}

function failure(error: unknown, context: Context<DashboardEnv>): Response | Promise<Response> {
  if (error instanceof PageNotFound) return notFound(context);
  if (error instanceof SessionEnded) {
    forgetSession(context);
    return signedOut(context);
  }
  if (error instanceof HTTPException && error.status === 403) {
    return documentAnswer(
      context,
      <MessagePage
        title="Not sent"
        text="The form did not come from this site. Open the page again and send it from there."
      />,
      403,
    );
  }
  if (error instanceof HTTPException && error.status < 500) {
    return documentAnswer(
      context,
      <MessagePage
        title="Not a form"
        text="This was not sent as a form of these pages is, or it was too large."
      />,
      422,
    );
  }
  if (error instanceof DrawdownError) {
    const { status, code, detail } = error.problem;
    if (
      code === "session_ended" ||
      code === "key_revoked" ||
      code === "key_invalid" ||
      code === "actor_unknown"
    ) {
      forgetSession(context);
      return signedOut(context);
    }
    if (status === 404) return notFound(context);
    if (status === 403) {
      return documentAnswer(
        context,
        <MessagePage title="Not allowed" text="Your role does not reach so far." />,
        403,
      );
    }
    if (status < 500)
      return documentAnswer(context, <MessagePage title="This does not work" text={detail} />, 422);
  }
  console.error(context.var.requestId, error);
  return documentAnswer(
    context,
    <MessagePage title="Something went wrong" text="Nothing was changed twice. Try again in a moment." />,
    500,
  );
}
