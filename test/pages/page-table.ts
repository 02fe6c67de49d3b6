/** Every page, and who sees it. A page that is missing here fails `every-page.test.ts`. */
import type { Role } from "../../shared/credits/permissions.ts";

export type Visitor = Exclude<Role, "billing_contact"> | "operator";

export interface PageFacts {
  /** Of its picture. */
  readonly name: string;
  /** As its route has it. */
  readonly route: string;
  /** With the demo's account and things in it. */
  readonly path: string;
  readonly visitors: readonly Visitor[];
}

const EVERYBODY = ["super_admin", "billing_admin", "feature_owner", "member", "operator"] as const;
const ADMINS = ["super_admin", "billing_admin", "operator"] as const;
const OPERATOR = ["operator"] as const;

/** The demo's people of the account acme. */
export const DEMO_USERS: Readonly<Record<Exclude<Visitor, "operator">, string>> = {
  super_admin: "u_ada",
  billing_admin: "u_ben",
  feature_owner: "u_cleo",
  member: "u_dan",
};

export const DEMO_ACCOUNT = "acme";

function account(route: string, name: string, visitors: readonly Visitor[], example = route): PageFacts {
  return {
    name,
    route: `/accounts/:account${route}`,
    path: `/accounts/${DEMO_ACCOUNT}${example}`,
    visitors,
  };
}

function operator(route: string, name: string, example = route): PageFacts {
  return { name, route: `/operator${route}`, path: `/operator${example}`, visitors: OPERATOR };
}

/** Pages of an account, then the operator's. */
export const PAGES: readonly PageFacts[] = [
  account("", "usage", EVERYBODY),
  account("/features", "features", EVERYBODY),
  account("/features/:feature", "feature", EVERYBODY, "/features/assistant"),
  account("/prices", "prices", EVERYBODY),
  account("/history", "history", EVERYBODY),
  account("/log", "log", EVERYBODY),
  account("/log/:event", "entry", ["super_admin", "billing_admin", "operator"], "/log/demo_acme_400"),
  account("/insights", "insights", ADMINS),
  account("/settings", "settings", ADMINS),
  account("/packs", "packs", ADMINS),
  account("/invoices", "invoices", ADMINS),
  account("/people", "people", ["super_admin", "operator"]),
  account("/people/:user", "person", ["super_admin", "operator"], "/people/u_dan"),
  account("/people/:user/remove", "person-remove", ["super_admin", "operator"], "/people/u_dan/remove"),
  account("/people/:user/erase", "person-erase", ["super_admin", "operator"], "/people/u_dan/erase"),
  account("/budgets", "budgets", ADMINS),
  account("/budgets/:budget", "budget", ADMINS, "/budgets/leads"),
  account("/notifications", "notifications", ADMINS),
  account("/audit", "audit", ADMINS),
  operator("/accounts", "operator-accounts"),
  operator("/accounts/:account", "operator-account", "/accounts/acme"),
  operator("/open-account", "operator-open-account"),
  operator("", "operator-health"),
  operator("/rate-sheets", "operator-rate-sheets"),
  operator("/rate-sheets/new", "operator-draft"),
  operator("/rate-sheets/:version", "operator-rate-sheet", "/rate-sheets/1"),
  operator("/deliveries", "operator-deliveries"),
  operator("/dead-letters", "operator-dead-letters"),
  operator("/webhooks", "operator-webhooks"),
  operator("/test-clocks", "operator-test-clocks"),
  operator("/keys", "operator-keys"),
  operator("/audit", "operator-audit"),
];
