/** Every route of the pages and every form, as the Worker's own code defines them: what a table forgets, fails. */
import { Hono } from "hono";
import { vi } from "vitest";

// By name only: the Worker's types are not those of Node, with which tests are checked.
const ASSETS = "../../../workers/dashboard/assets/assets.ts";
const DEFINE = "../../../workers/dashboard/define.tsx";
const ROUTES = "../../../workers/dashboard/routes.tsx";

interface Definition {
  readonly path: string;
  readonly actions?: object;
}

type Define = (definition: Definition) => unknown;

interface DefineModule {
  readonly accountPage: Define;
  readonly operatorPage: Define;
}

interface RoutesModule {
  dashboardRoutes(api: { fetch(): Response }): {
    readonly routes: readonly { readonly method: string; readonly path: string }[];
  };
}

export interface DefinedPages {
  /** Paths as Hono writes them, below /accounts and /operator. */
  readonly gets: readonly string[];
  readonly posts: readonly string[];
  /** "/accounts/:account/budgets/:budget remove" for each form that a page has. */
  readonly forms: readonly string[];
}

/** Defines the pages as the Worker does, and notes what they are. */
export async function definedPages(): Promise<DefinedPages> {
  const forms: string[] = [];
  // Vitest runs scripts and styles that the Worker's bundler takes as text.
  vi.doMock(ASSETS, () => ({
    STYLES_PATH: "/assets/styles.css",
    SCRIPT_PATH: "/assets/script.js",
    assetRoutes: new Hono(),
  }));
  vi.doMock(DEFINE, async (importOriginal) => {
    const original = await importOriginal<DefineModule>();
    const noting =
      (root: string, define: Define): Define =>
      (definition) => {
        const actions = Object.keys(definition.actions ?? {});
        forms.push(...actions.map((action) => `${root}${definition.path} ${action}`));
        return define(definition);
      };
    return {
      ...original,
      accountPage: noting("/accounts/:account", original.accountPage),
      operatorPage: noting("/operator", original.operatorPage),
    };
  });
  const { dashboardRoutes } = (await import(ROUTES)) as RoutesModule;
  const { routes } = dashboardRoutes({ fetch: () => new Response() });
  const pathsOf = (method: string) => [
    ...new Set(routes.filter((route) => route.method === method).map(({ path }) => path)),
  ];
  const ofPages = (path: string) => /^\/(accounts|operator)\b/.test(path);
  return { gets: pathsOf("GET").filter(ofPages), posts: pathsOf("POST").filter(ofPages), forms };
}
