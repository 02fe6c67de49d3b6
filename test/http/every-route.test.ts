/** What no caller should send, sent to every route: each answers with what is wrong, and none fails. */
import { beforeAll, expect, test } from "vitest";
import type { Problem } from "../../shared/api/common.ts";
import { PROBLEM_CODES } from "../../shared/api/problem-codes.ts";
import { ROUTES, samplePath } from "../route-table.ts";
import { useServer } from "./support/server.ts";

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: Schema;
}

interface Operation {
  readonly responses: Readonly<Record<string, unknown>>;
  readonly parameters?: readonly (Parameter & { readonly $ref?: string })[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

interface Route {
  readonly name: string;
  readonly method: string;
  /** A path that is right in form, its query included. */
  readonly at: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly statuses: ReadonlySet<string>;
  /** Of a JSON body; null where the route takes none. */
  readonly body: Schema | null;
}

const server = useServer();
let routes: readonly Route[] = [];
let schemas: Readonly<Record<string, Schema>> = {};

beforeAll(async () => {
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
    readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  };
  schemas = document.components.schemas;
  routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => {
      const name = `${method.toUpperCase()} ${path}`;
      return {
        name,
        path,
        method: method.toUpperCase(),
        at: `${samplePath(path)}?${ROUTES[name]?.query ?? ""}`,
        parameters: parameters.filter((parameter) => parameter.$ref === undefined),
        statuses: new Set(Object.keys(responses)),
        body: requestBody?.content["application/json"]?.schema ?? null,
      };
    }),
  );
  await server.test.createAccount({ account: "acme" });
});

interface Sent {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send(method: string, at: string, { body, headers }: Sent = {}): Promise<Response> {
  return fetch(server.url + at, {
    method,
    headers: {
      authorization: `Bearer ${server.keys.test}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
}

/** The refusal that it has to be: a status that the route describes, nobody's fault but the caller's, told whole. */
async function refusal(route: Route, at: string, sent: Sent = {}): Promise<Problem> {
  const response = await send(route.method, at, sent);
  const text = await response.text();
  const what = `${route.method} ${at.slice(0, 200)} ${sent.body?.slice(0, 200) ?? ""}: ${text.slice(0, 300)}`;
  expect(response.status, what).toBeGreaterThanOrEqual(400);
  expect(response.status, what).toBeLessThan(500);
  expect(route.statuses, what).toContain(String(response.status));
  expect(response.headers.get("content-type"), what).toContain("application/problem+json");
  const problem: Problem = JSON.parse(text);
  expect(problem, what).toMatchObject({
    title: expect.stringMatching(/./),
    detail: expect.stringMatching(/./),
    code: expect.stringMatching(/^[a-z_]+$/),
    status: response.status,
    requestId: response.headers.get("x-request-id"),
  });
  expect(PROBLEM_CODES, what).toHaveProperty(problem.code);
  return problem;
}

function routeOf(name: string): Route {
  const route = routes.find((one) => one.name === name);
  if (route === undefined) throw new Error(`no route ${name}`);
  return route;
}

function pathsOf({ errors = [] }: Problem): readonly string[] {
  return errors.map(({ path }) => path);
}

function resolved(schema: Schema): Schema {
  const name = schema.$ref?.split("/").at(-1) ?? schema.allOf?.[0]?.$ref?.split("/").at(-1);
  return name === undefined ? schema : (schemas[name] ?? schema);
}

/** A body that is right in form. */
function goodBody(name: string): Readonly<Record<string, unknown>> {
  return Object(ROUTES[name]?.body);
}

function withBody(): readonly (Route & { readonly body: Schema })[] {
  return routes.flatMap((route) => (route.body === null ? [] : [{ ...route, body: resolved(route.body) }]));
}

test("every route is in the table, with a body where it takes one", () => {
  expect(new Set(Object.keys(ROUTES))).toEqual(new Set(routes.map(({ name }) => name)));
  for (const { name, body } of routes) expect(ROUTES[name]?.body !== undefined, name).toBe(body !== null);
});

test("a body that is no JSON, or is sent as something else", async () => {
  for (const route of withBody()) {
    const good = JSON.stringify(goodBody(route.name));
    for (const body of [`${good.slice(0, -1)},`, "", "{'a': 1}"]) {
      expect(await refusal(route, route.at, { body })).toMatchObject({ status: 400, code: "malformed_body" });
    }
    const headers = { "content-type": "text/plain" };
    expect(await refusal(route, route.at, { body: good, headers })).toMatchObject({
      status: 415,
      code: "not_json",
    });
  }
});

test("a body that is no object", async () => {
  for (const route of withBody()) {
    for (const body of ["[]", "null", "7", '"text"']) {
      expect(await refusal(route, route.at, { body })).toMatchObject({
        status: 422,
        code: "invalid_request",
      });
    }
  }
});

/** Who refuses a body without reading it may close the line before all of it is sent; then it is asked again. */
async function refusedUnread(route: Route, body: string, attempts = 5): Promise<Problem> {
  try {
    return await refusal(route, route.at, { body });
  } catch (error) {
    const isCutOff = error instanceof TypeError && error.cause instanceof Error;
    if (!isCutOff || attempts === 1) throw error;
    return refusedUnread(route, body, attempts - 1);
  }
}

test("a body of more than 1 MiB", async () => {
  for (const route of withBody()) {
    const body = JSON.stringify({ ...goodBody(route.name), surprise: "x".repeat(1_100_000) });
    expect(await refusedUnread(route, body)).toMatchObject({ status: 413, code: "body_too_large" });
  }
});

test("a body without a field that is required, named", async () => {
  let looked = 0;
  for (const route of withBody()) {
    for (const field of route.body.required ?? []) {
      const { [field]: _, ...rest } = goodBody(route.name);
      const problem = await refusal(route, route.at, { body: JSON.stringify(rest) });
      expect(problem.status, `${route.name} without ${field}`).toBe(422);
      expect(pathsOf(problem), route.name).toContain(field);
      looked += 1;
    }
  }
  expect(looked).toBeGreaterThan(30);
});

test("a body with a field of another kind, named", async () => {
  let looked = 0;
  for (const route of withBody()) {
    for (const field of Object.keys(route.body.properties ?? {})) {
      const body = JSON.stringify({ ...goodBody(route.name), [field]: { surprise: [] } });
      const problem = await refusal(route, route.at, { body });
      expect(problem.status, `${route.name} ${field}`).toBe(422);
      const named = pathsOf(problem).some((path) => path === field || path.startsWith(`${field}.`));
      expect(named, `${route.name} ${field}: ${problem.detail}`).toBe(true);
      looked += 1;
    }
  }
  expect(looked).toBeGreaterThan(100);
});

/** Whether nonsense cannot be a value of it. */
function isNarrow({ type, format, enum: values }: Schema): boolean {
  return values !== undefined || format !== undefined || (type !== "string" && type !== undefined);
}

test("a query parameter that makes no sense, named where it cannot be meant", async () => {
  let narrow = 0;
  for (const route of routes) {
    const { name, method, at, parameters } = route;
    const body = ROUTES[name]?.body;
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const there = (parameter: string, value: string) => {
      const query = new URLSearchParams(at.split("?")[1] ?? "");
      query.set(parameter, value);
      return `${at.split("?")[0]}?${query}`;
    };
    for (const { name: parameter, schema = {} } of parameters.filter((one) => one.in === "query")) {
      if (isNarrow(resolved(schema))) {
        const problem = await refusal(route, there(parameter, "nonsense!"), sent);
        expect(problem.status, `${name} ${parameter}`).toBe(422);
        expect(pathsOf(problem), name).toContain(parameter);
        narrow += 1;
      }
      for (const nonsense of ["", "-1", "1e99", "\u0000", "%", "9".repeat(400)]) {
        const { status } = await send(method, there(parameter, nonsense), sent);
        expect(status, `${name} ${parameter}=${nonsense.slice(0, 20)}`).toBeLessThan(500);
      }
    }
  }
  expect(narrow).toBeGreaterThan(30);
});

test("a limit that no page has", async () => {
  const pages = routes.filter(({ parameters }) => parameters.some(({ name }) => name === "limit"));
  expect(pages.length).toBeGreaterThan(10);
  for (const route of pages) {
    for (const limit of ["0", "501", "1.5", "ten"]) {
      const problem = await refusal(route, `${route.at}&limit=${limit}`);
      expect(problem.status, `${route.name} ${limit}`).toBe(422);
      expect(pathsOf(problem), route.name).toEqual(["limit"]);
    }
  }
});

const BAD_NAMES = ["\u0000", "a\nb", "x".repeat(1500), "../catalog", "' OR 1=1 --", "💥", "-1", "1e9"];

test("a name in the path that can be none", async () => {
  for (const route of routes) {
    const { name, path, parameters } = route;
    const body = ROUTES[name]?.body;
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const query = ROUTES[name]?.query ?? "";
    for (const { name: parameter } of parameters.filter((one) => one.in === "path")) {
      for (const bad of BAD_NAMES) {
        await refusal(route, `${samplePath(path, { account: "nobody", [parameter]: bad })}?${query}`, sent);
      }
    }
  }
});

test("an Idempotency-Key that can be none, named", async () => {
  const keyed = routes.filter(({ parameters }) => parameters.some(({ name }) => name === "idempotency-key"));
  expect(keyed.length).toBeGreaterThanOrEqual(5);
  for (const route of keyed) {
    for (const bad of ["", "x".repeat(201)]) {
      const sent = { body: JSON.stringify(ROUTES[route.name]?.body), headers: { "idempotency-key": bad } };
      const problem = await refusal(route, route.at, sent);
      expect(problem.status, route.name).toBe(422);
      expect(pathsOf(problem), route.name).toEqual(["idempotency-key"]);
    }
  }
});

test("a file for the import that is none", async () => {
  const route = routeOf("POST /v1/conversions/import");
  const importFile = (body: string, contentType = "text/csv") =>
    refusal(route, route.at, { body, headers: { "content-type": contentType } });
  const good = "account,size,quantity\nacme,100,1\n";
  expect(await importFile(good, "application/json")).toMatchObject({ status: 415, code: "not_csv" });
  for (const bad of ["", "account,size\nacme,100\n", `${good}"acme`]) {
    expect(await importFile(bad)).toMatchObject({ status: 422, code: "bad_file" });
  }
  const rows = `${good}${"acme,100,1\n".repeat(1000)}`;
  expect(await importFile(rows)).toMatchObject({ status: 413, code: "too_many_rows" });
  expect(await importFile("x".repeat(1_100_000))).toMatchObject({ status: 413, code: "body_too_large" });
});

test.each([
  ["PUT", "/v1/consume"],
  ["DELETE", "/v1/accounts/acme"],
  ["GET", "/v1/check"],
  ["POST", "/v1/nothing"],
])("a route that there is not: %s %s", async (method, at) => {
  const response = await send(method, at);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: "route_not_found" });
});
