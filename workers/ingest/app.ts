/** The HTTP application: what all requests share, and the routers of each room. */
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { BODY_BYTES_MAX } from "../../shared/api/common.ts";
import { accountRoutes } from "../accounts/routes.ts";
import { auditRoutes } from "../audit/routes.ts";
import { billingRoutes } from "../billing/routes.ts";
import { dashboardRoutes } from "../dashboard/routes.tsx";
import { deadLetterRoutes } from "../dead-letters/routes.ts";
import { docsRoutes } from "../docs/routes.ts";
import { insightRoutes } from "../insights/routes.ts";
import { deliveryRoutes } from "../notifications/delivery-routes.ts";
import { notificationRoutes } from "../notifications/routes.ts";
import { operatorRoutes } from "../operator/routes.ts";
import { peopleRoutes } from "../people/routes.ts";
import { reportRoutes } from "../reports/routes.ts";
import { portalRoutes } from "../sessions/portal.ts";
import { correctionRoutes } from "./corrections.ts";
import { holdRoutes } from "./holds.ts";
import { createRouter, ProblemError, problemResponse } from "./http.ts";
import { isOverloaded, isRetryable } from "./retries.ts";
import { usageRoutes } from "./usage.ts";

const JSON_CONTENT_TYPE = /^application\/([\w.-]+\+)?json\s*(;|$)/i;

/** Takes a CSV file, which its route sees to. */
const IMPORT_PATH = "/v1/conversions/import";

export const app = createRouter();

app.use("*", async (context, next) => {
  context.set("requestId", crypto.randomUUID());
  await next();
  context.header("x-request-id", context.var.requestId);
});

app.use(
  "/v1/*",
  bodyLimit({
    maxSize: BODY_BYTES_MAX,
    onError: () => {
      throw new ProblemError(413, "body_too_large", `send at most ${BODY_BYTES_MAX} bytes; split the batch`);
    },
  }),
);

app.use("/v1/*", async (context, next) => {
  const contentType = context.req.header("content-type");
  const isFile = context.req.path === IMPORT_PATH;
  if (contentType !== undefined && !isFile && !JSON_CONTENT_TYPE.test(contentType))
    throw notJson(` instead of ${contentType}`);
  await next();
});

app.get("/healthz", (context) => context.json({ ok: true }));

app.route("/", usageRoutes);
app.route("/", holdRoutes);
app.route("/", correctionRoutes);
app.route("/", accountRoutes);
app.route("/", peopleRoutes);
app.route("/", auditRoutes);
app.route("/", operatorRoutes);
app.route("/", notificationRoutes);
app.route("/", deliveryRoutes);
app.route("/", deadLetterRoutes);
app.route("/", docsRoutes(app));
app.route("/", billingRoutes);
app.route("/", reportRoutes);
app.route("/", insightRoutes);
app.route("/", portalRoutes);
app.route("/", dashboardRoutes(app));

app.notFound((context) =>
  problemResponse(
    new ProblemError(404, "route_not_found", `no route ${context.req.method} ${context.req.path}; see /docs`),
    context.var.requestId,
  ),
);

app.onError((error, context) => {
  const { requestId } = context.var;
  if (error instanceof ProblemError) return problemResponse(error, requestId);
  if (error instanceof HTTPException && error.status === 415) return problemResponse(notJson(), requestId);
  if (error instanceof HTTPException && error.status < 500) {
    const detail = error.message === "" ? "the body is not what this route takes" : error.message;
    return problemResponse(new ProblemError(400, "malformed_body", detail), requestId);
  }
  console.error(requestId, error);
  if (isOverloaded(error) || isRetryable(error)) {
    return problemResponse(
      new ProblemError(503, "account_busy", "the account cannot answer now; try again with the same id"),
      requestId,
    );
  }
  return problemResponse(
    new ProblemError(500, "internal_error", "try again with the same id; nothing is booked twice"),
    requestId,
  );
});

function notJson(instead = ""): ProblemError {
  return new ProblemError(415, "not_json", `send Content-Type: application/json${instead}`);
}
