/** The OpenAPI document and the reference page. */
import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { app } from "../../workers/ingest/app.ts";
import { ROUTES } from "../route-table.ts";

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
}

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly description?: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<Record<string, { readonly description?: string }>>;
}

interface Document {
  readonly openapi: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

async function get(path: string): Promise<Response> {
  return exports.default.fetch(new Request(`https://drawdown.example${path}`));
}

async function readDocument(): Promise<Document> {
  return (await get("/openapi.json")).json();
}

function operations(document: Document): readonly (readonly [string, Operation])[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
    ),
  );
}

describe("/openapi.json", () => {
  test("is an OpenAPI 3.1 document that may be cached", async () => {
    const response = await get("/openapi.json");
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(response.headers.get("cache-control")).toContain("max-age");
    const document: Document = await response.json();
    expect(document.openapi).toBe("3.1.0");
    for (const name of document.security.flatMap(Object.keys)) {
      expect(document.components.securitySchemes).toHaveProperty(name);
    }
  });

  test("describes every route under /v1", async () => {
    const documented = operations(await readDocument()).map(([name]) => name);
    const served = app.routes
      .filter(({ method, path }) => method !== "ALL" && path.startsWith("/v1/"))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(\{[^}]*\})?/g, "{$1}")}`);
    expect(new Set(served)).toEqual(new Set(documented));
  });

  test("gives every operation a summary, a tag, its path's parameters and documented problems", async () => {
    for (const [name, operation] of operations(await readDocument())) {
      expect(operation.summary, name).toBeTruthy();
      expect(operation.tags, name).toHaveLength(1);
      const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
      const described = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
      expect(described.map((parameter) => parameter.name).sort(), name).toEqual(inPath.sort());
      expect(Object.keys(operation.responses), name).toContain("401");
      expect(
        Object.keys(operation.responses).some((status) => status.startsWith("2")),
        name,
      ).toBe(true);
    }
  });

  test("says of every operation which scope it needs, to people and to programs", async () => {
    for (const [name, { description, security }] of operations(await readDocument())) {
      const { scope } = ROUTES[name] ?? {};
      expect(security, name).toEqual([{ apiKey: [scope] }]);
      expect(description, name).toContain(`Needs the scope \`${scope}\`.`);
    }
  });

  test("explains every tag, every query parameter, and what any answer may be", async () => {
    const document = await readDocument();
    const used = operations(document).flatMap(([, { tags = [] }]) => tags);
    expect(new Set(document.tags.map(({ name }) => name))).toEqual(new Set(used));
    for (const { name, description } of document.tags) expect(description, name).not.toBe("");
    for (const [name, { parameters = [], responses }] of operations(document)) {
      for (const parameter of parameters.filter((one) => one.in === "query")) {
        expect(parameter.description, `${name} ${parameter.name}`).toBeTruthy();
      }
      expect(responses.default?.description, name).toBeTruthy();
    }
  });

  test("names every operation once, for those who generate clients", async () => {
    const names = operations(await readDocument()).map(([, operation]) => operation.operationId);
    for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z]+$/);
    expect(new Set(names).size).toBe(names.length);
  });

  test("has patterns that a validator can read, and an example that they let pass", async () => {
    const document = await readDocument();
    const text = JSON.stringify(document);
    const patterns = [...text.matchAll(/"pattern":("(?:[^"\\\\]|\\\\.)*")/g)].map(([, found = ""]) =>
      JSON.parse(found),
    );
    expect(patterns.length).toBeGreaterThan(10);
    for (const pattern of patterns) expect(() => new RegExp(pattern, "u"), pattern).not.toThrow();
    const id = document.components.schemas.Event as { properties: { id: { pattern: string } } };
    expect("req_7f3").toMatch(new RegExp(id.properties.id.pattern, "u"));
  });

  test("refers only to schemas that it has", async () => {
    const document = await readDocument();
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
    const names = new Set([...references].map(([, name = ""]) => name));
    expect(names.size).toBeGreaterThan(10);
    for (const name of names) expect(document.components.schemas).toHaveProperty([name]);
  });
});

describe("/docs", () => {
  test("asks no other host for anything, and says so to the browser", async () => {
    const response = await get("/docs");
    const page = await response.text();
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(response.headers.get("content-security-policy")).not.toMatch(/https?:|\*|unsafe-eval/);
    expect(page).not.toMatch(/https?:|<script(?! src="\/docs\/)/);
    expect(await (await get("/docs/start.js")).text()).toContain("validatorUrl: null");
    expect(await (await get(cssOf(page))).text()).not.toMatch(/@import|url\(["']?(https?:)?\/\//);
  });

  test("serves all that the page names", async () => {
    const page = await (await get("/docs")).text();
    const named = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(named).toHaveLength(3);
    for (const path of named) {
      const response = await get(path);
      expect(response.status, path).toBe(200);
      expect(response.headers.get("content-type"), path).toMatch(
        path.endsWith(".css") ? /^text\/css/ : /^text\/javascript/,
      );
    }
    const script = await get(named.find((path) => path.endsWith("swagger-ui.js")) ?? "");
    expect(script.headers.get("cache-control")).toContain("immutable");
    expect(await script.text()).toContain("SwaggerUIBundle");
  });
});

function cssOf(page: string): string {
  return /href="(\/[^"]+\.css)"/.exec(page)?.[1] ?? "";
}
