/**
 * What every route shares: routers that validate against the zod schemas, problem documents (RFC 9457), and the
 * way to an account.
 */
import { OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { accountKeyOf } from "../../shared/account-key.ts";
import { type FieldError, noQuerySchema, type Problem, problemSchema } from "../../shared/api/common.ts";
import type { ProblemCode } from "../../shared/api/problem-codes.ts";
import type { Caller } from "../../shared/api-keys.ts";
import type { ActingUser } from "../../shared/credits/permissions.ts";
import type { AccountApi, AccountNotFound, CallContext } from "../../shared/protocol.ts";
import { accountOf } from "../account/stub.ts";
import type { Env } from "../env.ts";

export interface AppEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    /** Set by `requireScope`. */
    caller: Caller;
    /** Set by `requireScope`: what every call to an account carries. */
    callContext: CallContext;
    /** Set by `requireScope` where the caller acts for a user of the account. */
    actingUser?: ActingUser;
  };
}

const TITLES = {
  400: "Bad request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not found",
  406: "Not acceptable",
  409: "Conflict",
  413: "Content too large",
  415: "Unsupported media type",
  422: "Unprocessable content",
  500: "Internal error",
  503: "Unavailable",
} as const;

export type ProblemStatus = keyof typeof TITLES;

/** A refusal on its way to the wire; `code` is stable, `detail` says the way out. */
export class ProblemError extends Error {
  readonly status: ProblemStatus;
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[] | undefined;

  constructor(status: ProblemStatus, code: ProblemCode, detail: string, errors?: readonly FieldError[]) {
    super(detail);
    this.name = "ProblemError";
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

export function problemDocument(problem: ProblemError, requestId: string): Problem {
  return {
    type: "about:blank",
    title: TITLES[problem.status],
    status: problem.status,
    detail: problem.message,
    code: problem.code,
    ...(problem.errors === undefined ? {} : { errors: [...problem.errors] }),
    requestId,
  };
}

/** Header fields that a status has to carry, or that say when to come back. */
const STATUS_HEADERS: Partial<Record<ProblemStatus, Readonly<Record<string, string>>>> = {
  401: { "www-authenticate": "Bearer" },
  503: { "retry-after": "1" },
};

export function problemResponse(problem: ProblemError, requestId: string): Response {
  return Response.json(problemDocument(problem, requestId), {
    status: problem.status,
    headers: {
      "content-type": "application/problem+json",
      "x-request-id": requestId,
      ...STATUS_HEADERS[problem.status],
    },
  });
}

/** Each issue of a schema as the field's path and what to do about it; unknown fields are named one by one. */
export function fieldErrors(error: z.core.$ZodError): readonly FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== "unrecognized_keys") return [{ path: path.join("."), message: messageOf(issue) }];
    return issue.keys.map((key) => ({ path: [...path, key].join("."), message: "unknown field" }));
  });
}

/** The library's own words for a field that is not there would speak of JavaScript. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_type") return issue.message;
  return issue.message === `Invalid input: expected ${issue.expected}, received undefined`
    ? `is missing: ${issue.expected}`
    : issue.message;
}

export function invalidRequest(error: z.core.$ZodError): ProblemError {
  const errors = fieldErrors(error);
  const named = errors.map((field) =>
    field.path === "" ? field.message : `${field.path}: ${field.message}`,
  );
  return new ProblemError(422, "invalid_request", named.join("; "), errors);
}

/** One bad field that only a look at what is stored can find. */
export function invalidField(
  path: string,
  message: string,
  code: ProblemCode = "invalid_request",
): ProblemError {
  return new ProblemError(422, code, `${path}: ${message}`, [{ path, message }]);
}

/** Name of what `requireScope` asks for, in the API's description. */
export const SECURITY_SCHEME = "apiKey";

/** Requests are held against their route's schemas; a route that names no query or no body takes none. */
export function createRouter(): OpenAPIHono<AppEnv> {
  const router = new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error);
    },
  });
  const { openapi } = router;
  router.openapi = (route, ...handlers) => openapi(withScope(withoutBody(withQuery(route))), ...handlers);
  return router;
}

function withQuery<Route extends RouteConfig>(route: Route): Route {
  return route.request?.query === undefined
    ? { ...route, request: { ...route.request, query: noQuerySchema } }
    : route;
}

function withoutBody<Route extends RouteConfig>(route: Route): Route {
  if (route.method === "get" || route.request?.body !== undefined) return route;
  const { middleware = [] } = route;
  return { ...route, middleware: [middleware, refuseBody].flat() };
}

/** Describes the scope that the route's key has to have, as its middleware asks for it. */
function withScope<Route extends RouteConfig>(route: Route): Route {
  const handlers = [route.middleware ?? []].flat();
  const scopes = handlers.flatMap((handler) => ("scope" in handler ? [String(handler.scope)] : []));
  return { ...route, security: [{ [SECURITY_SCHEME]: scopes }] };
}

/** Ignored, what somebody wrote into it would seem to be done. An empty object is what some clients always send. */
const refuseBody = createMiddleware<AppEnv>(async (context, next) => {
  const text = await context.req.text();
  if (text !== "") {
    const read = noFieldsSchema.safeParse(text);
    if (!read.success) throw invalidRequest(read.error);
  }
  await next();
});

const noFieldsSchema = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "this route takes no body" });
      return z.NEVER;
    }
  })
  .pipe(z.strictObject({}, "this route takes no body"));

const problemContent = { content: { "application/problem+json": { schema: problemSchema } } };

/** The problem answers that a route documents. */
export function problemResponses<Status extends ProblemStatus>(...statuses: Status[]) {
  const documented = statuses.map((status) => [status, { description: TITLES[status], ...problemContent }]);
  return Object.fromEntries(documented) as Record<Status, { description: string } & typeof problemContent>;
}

export function jsonContent<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { "application/json": { schema } } };
}

export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { "application/json": { schema } } };
}

/** Internal key of an account named in a request: always of the caller's own mode (rules, section 12). */
export function accountKey(context: Context<AppEnv>, accountId: string): string {
  return accountKeyOf(context.var.caller.mode, accountId);
}

export function accountStub(context: Context<AppEnv>, accountId: string): AccountApi {
  return accountOf(context.env, accountKey(context, accountId));
}

/** What live accounts are sold, and who changed it, is no business of test keys (rules, section 12). */
export function refuseTestKey(context: Context<AppEnv>): void {
  if (context.var.caller.mode === "live") return;
  throw new ProblemError(403, "live_key_required", "this concerns live accounts too; use a live key");
}

export function accountNotFound(accountId: string): ProblemError {
  return new ProblemError(
    404,
    "account_not_found",
    `no account "${accountId}" in this mode; create it with POST /v1/accounts`,
  );
}

/** The account's answer, or 404 where nobody opened it. */
export function found<Answer extends { readonly kind: string }>(
  answer: Answer | AccountNotFound,
  accountId: string,
): Exclude<Answer, AccountNotFound> {
  if (answer.kind === "account_not_found") throw accountNotFound(accountId);
  return answer as Exclude<Answer, AccountNotFound>;
}
