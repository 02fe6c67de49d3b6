/** What no caller should send, sent to every route: each answers with what is wrong, and none fails. */
import { beforeAll, expect, test } from "vitest";
import type { Problem } from "../../shared/api/common.ts";
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
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => {
      const name = `${method.toUpperCase()} ${path}`;
      return {
        name,
        path,
        method: method.toUpperCase(),
        at: `${samplePath(path)}?${ROUTES[name]?.query ?? ""}`,
        parameters: parameters.filter((parameter) => parameter.$ref === undefined),
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

/** The refusal that it has to be: a whole problem document, and nobody's fault but the caller's. */
async function refusal(what: string, method: string, at: string, sent: Sent = {}): Promise<Problem> {
  const response = await send(method, at, sent);
  const text = await response.text();
  expect(response.status, `${what}: ${text.slice(0, 300)}`).toBeGreaterThanOrEqual(400);
  expect(response.status, what).toBeLessThan(500);
  expect(response.headers.get("content-type"), what).toContain("application/problem+json");
  const problem: Problem = JSON.parse(text);
  expect(problem, what).toMatchObject({
    title: expect.stringMatching(/./),
    detail: expect.stringMatching(/./),
    code: expect.stringMatching(/^[a-z_]+$/),
    status: response.status,
    requestId: response.headers.get("x-request-id"),
  });
  return problem;
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
  for (const { name, method, at } of withBody()) {
    const good = JSON.stringify(goodBody(name));
    for (const body of [`${good.slice(0, -1)},`, "", "{'a': 1}"]) {
      expect(await refusal(name, method, at, { body }), name).toMatchObject({
        status: 400,
        code: "malformed_body",
      });
    }
    const headers = { "content-type": "text/plain" };
    expect(await refusal(name, method, at, { body: good, headers }), name).toMatchObject({
      status: 415,
      code: "not_json",
    });
  }
});

test("a body that is no object", async () => {
  for (const { name, method, at } of withBody()) {
    for (const body of ["[]", "null", "7", '"text"']) {
      expect(await refusal(name, method, at, { body }), `${name} ${body}`).toMatchObject({
        status: 422,
        code: "invalid_request",
      });
    }
  }
});

test("a body of more than 1 MiB", async () => {
  for (const { name, method, at } of withBody()) {
    const body = JSON.stringify({ ...goodBody(name), surprise: "x".repeat(1_100_000) });
    expect(await refusal(name, method, at, { body }), name).toMatchObject({
      status: 413,
      code: "body_too_large",
    });
  }
});

test("a body without a field that is required, named", async () => {
  let looked = 0;
  for (const { name, method, at, body } of withBody()) {
    for (const field of body.required ?? []) {
      const { [field]: _, ...rest } = goodBody(name);
      const problem = await refusal(`${name} without ${field}`, method, at, { body: JSON.stringify(rest) });
      expect(problem.status, `${name} ${field}`).toBe(422);
      expect(pathsOf(problem), name).toContain(field);
      looked += 1;
    }
  }
  expect(looked).toBeGreaterThan(30);
});

test("a body with a field of another kind, named", async () => {
  let looked = 0;
  for (const { name, method, at, body } of withBody()) {
    for (const field of Object.keys(body.properties ?? {})) {
      const bad = JSON.stringify({ ...goodBody(name), [field]: { surprise: [] } });
      const problem = await refusal(`${name} ${field}`, method, at, { body: bad });
      expect(problem.status, `${name} ${field}`).toBe(422);
      const named = pathsOf(problem).some((path) => path === field || path.startsWith(`${field}.`));
      expect(named, `${name} ${field}: ${problem.detail}`).toBe(true);
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
  for (const { name, method, at, parameters } of routes) {
    const body = ROUTES[name]?.body;
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    for (const { name: parameter, schema = {} } of parameters.filter((one) => one.in === "query")) {
      for (const nonsense of ["nonsense!", "", "-1", "1e99", "\u0000", "%", "9".repeat(400)]) {
        const query = new URLSearchParams(at.split("?")[1] ?? "");
        query.set(parameter, nonsense);
        const there = `${at.split("?")[0]}?${query}`;
        if (isNarrow(resolved(schema)) && nonsense === "nonsense!") {
          const problem = await refusal(`${name} ${parameter}`, method, there, sent);
          expect(problem.status, `${name} ${parameter}`).toBe(422);
          expect(pathsOf(problem), name).toContain(parameter);
          narrow += 1;
        } else {
          const { status } = await send(method, there, sent);
          expect(status, `${name} ${parameter}=${nonsense.slice(0, 20)}`).toBeLessThan(500);
        }
      }
    }
  }
  expect(narrow).toBeGreaterThan(30);
});

test("a limit that no page has", async () => {
  const pages = routes.filter(({ parameters }) => parameters.some(({ name }) => name === "limit"));
  expect(pages.length).toBeGreaterThan(10);
  for (const { name, method, at } of pages) {
    for (const limit of ["0", "501", "1.5", "ten"]) {
      const problem = await refusal(name, method, `${at}&limit=${limit}`);
      expect(problem.status, `${name} ${limit}`).toBe(422);
      expect(pathsOf(problem), name).toEqual(["limit"]);
    }
  }
});

test("a name in the path that can be none", async () => {
  for (const { name, method, path, parameters } of routes) {
    const body = ROUTES[name]?.body;
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const query = ROUTES[name]?.query ?? "";
    for (const { name: parameter } of parameters.filter((one) => one.in === "path")) {
      for (const bad of [
        "\u0000",
        "a\nb",
        "x".repeat(1500),
        "../catalog",
        "' OR 1=1 --",
        "💥",
        "-1",
        "1e9",
      ]) {
        const at = `${samplePath(path, { account: "nobody", [parameter]: bad })}?${query}`;
        const { status } = await send(method, at, sent);
        expect(status, `${name} ${parameter}=${bad.slice(0, 20)}`).toBeGreaterThanOrEqual(400);
        expect(status, `${name} ${parameter}=${bad.slice(0, 20)}`).toBeLessThan(500);
      }
    }
  }
});

test("an Idempotency-Key that can be none, named", async () => {
  const keyed = routes.filter(({ parameters }) => parameters.some(({ name }) => name === "idempotency-key"));
  expect(keyed.length).toBeGreaterThanOrEqual(5);
  for (const { name, method, at } of keyed) {
    for (const bad of ["", "x".repeat(201)]) {
      const sent = { body: JSON.stringify(ROUTES[name]?.body), headers: { "idempotency-key": bad } };
      const problem = await refusal(name, method, at, sent);
      expect(problem.status, name).toBe(422);
      expect(pathsOf(problem), name).toEqual(["idempotency-key"]);
    }
  }
});

test("a file for the import that is none", async () => {
  const importFile = (body: string, contentType: string) =>
    refusal("import", "POST", "/v1/conversions/import", { body, headers: { "content-type": contentType } });
  const good = "account,size,quantity\nacme,100,1\n";
  expect(await importFile(good, "application/json")).toMatchObject({ status: 415, code: "not_csv" });
  expect(await importFile("", "text/csv")).toMatchObject({ status: 422, code: "bad_file" });
  expect(await importFile("account,size\nacme,100\n", "text/csv")).toMatchObject({ status: 422 });
  expect(await importFile(`${good}"acme`, "text/csv")).toMatchObject({ status: 422, code: "bad_file" });
  const rows = `${good}${"acme,100,1\n".repeat(1000)}`;
  expect(await importFile(rows, "text/csv")).toMatchObject({ status: 413, code: "too_many_rows" });
  expect(await importFile("x".repeat(1_100_000), "text/csv")).toMatchObject({ status: 413 });
});

test("methods that a route does not have", async () => {
  for (const [method, at] of [
    ["PUT", "/v1/consume"],
    ["DELETE", "/v1/accounts/acme"],
    ["GET", "/v1/check"],
    ["POST", "/v1/nothing"],
  ] as const) {
    expect(await refusal(`${method} ${at}`, method, at)).toMatchObject({
      status: 404,
      code: "route_not_found",
    });
  }
});
