/** Who may open each page and send each form (rules, 9); what is missing here fails `access.test.ts`. */
import { PAGES, type Visitor } from "./page-table.ts";
import type { Fields } from "./support/http.ts";
import { type FurnishedAccount, OWNED } from "./support/two-accounts.ts";

const EVERYBODY = ["super_admin", "billing_admin", "feature_owner", "member", "operator"] as const;
const ADMINS = ["super_admin", "billing_admin", "operator"] as const;
const MANAGERS = ["super_admin", "operator"] as const;
const OPERATOR = ["operator"] as const;

/** What is no page with a picture of its own, or has an id that only its account knows. */
const OTHERS: Readonly<Record<string, readonly Visitor[]>> = {
  "/accounts/:account/packs/buy": ADMINS,
  "/accounts/:account/packs/:pack": ADMINS,
  "/accounts/:account/invoices/:invoice": ADMINS,
  "/operator/dead-letters/:letter": OPERATOR,
};

/** Visitors by route. */
export const VISITORS: Readonly<Record<string, readonly Visitor[]>> = {
  ...Object.fromEntries(PAGES.map(({ route, visitors }) => [route, visitors])),
  ...OTHERS,
};

/** Routes whose answer is a file; without a format they are none. */
export const FILES: Readonly<Record<string, readonly Visitor[]>> = {
  "/accounts/:account/log/download": EVERYBODY,
  "/accounts/:account/history/download": EVERYBODY,
  "/accounts/:account/history/periods/download": ADMINS,
};

/** Says to those who receive notices, and nothing else, that there is nothing here for them. */
export const WELCOME = "/accounts/:account";

/** Where there is nothing to show in a new account. */
export const EMPTY_ROUTES: ReadonlySet<string> = new Set(["/operator/dead-letters/:letter"]);

/** A route's path with the ids of an account. */
export function pathOf(route: string, ids: FurnishedAccount): string {
  const values: Readonly<Record<string, string>> = {
    account: ids.account,
    feature: OWNED.feature,
    event: ids.event.colleague,
    user: ids.user.colleague,
    budget: ids.budget,
    pack: ids.pack,
    invoice: ids.invoice,
    version: "1",
    letter: "no-such-letter",
  };
  return route.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`access-table.ts: say what :${name} of ${route} is`);
    return encodeURIComponent(value);
  });
}

export interface FormFacts {
  /** Who may send it. */
  readonly senders: readonly Visitor[];
  /** Right in form, so that nothing but permission is in its way; of an account's own things. */
  readonly fields: (ids: FurnishedAccount) => Fields;
}

const none = () => ({});
const form = (senders: readonly Visitor[], fields: FormFacts["fields"] = none): FormFacts => ({
  senders,
  fields,
});

const OWNERS = ["super_admin", "billing_admin", "feature_owner", "operator"] as const;
const PERSON = { name: "Mallory", roles: "super_admin" };

/** By route and form. */
export const FORMS: Readonly<Record<string, FormFacts>> = {
  "/accounts/:account/features/:feature pause": form(OWNERS),
  "/accounts/:account/features/:feature resume": form(OWNERS),
  "/accounts/:account/features/:feature owner": form(MANAGERS, ({ user }) => ({ owner: user.member })),
  "/accounts/:account/features/:feature access": form(MANAGERS, ({ user }) => ({
    who: "some",
    users: user.member,
  })),
  "/accounts/:account/people add": form(MANAGERS, ({ account }) => ({
    user: `${account}.mallory`,
    ...PERSON,
  })),
  "/accounts/:account/people/:user change": form(MANAGERS, () => PERSON),
  "/accounts/:account/people/:user/remove confirm": form(MANAGERS, () => ({ sure: "yes" })),
  "/accounts/:account/people/:user/erase confirm": form(MANAGERS, () => ({ sure: "yes" })),
  "/accounts/:account/budgets add": form(ADMINS, () => ({
    budget: "forged",
    key: OWNED.feature,
    credits: "1",
  })),
  "/accounts/:account/budgets/:budget change": form(ADMINS, () => ({ credits: "1", hard: "yes" })),
  "/accounts/:account/budgets/:budget remove": form(ADMINS),
  "/accounts/:account/settings change": form(ADMINS, () => ({
    setting: "pause",
    limit: "none",
    maximum: "",
  })),
  "/accounts/:account/settings cancel": form(ADMINS),
  "/accounts/:account/packs/buy buy": form(ADMINS, () => ({
    pack: "pack-1000",
    quantity: "1",
    key: "forged-purchase",
  })),
  "/accounts/:account/packs/:pack renewal": form(ADMINS, () => ({ pack: "pack-1000", quantity: "0" })),
  "/accounts/:account/packs/:pack end": form(ADMINS),
  "/accounts/:account/packs/:pack cancel": form(OPERATOR, () => ({
    quantity: "1",
    reason: "forged",
    key: "forged",
  })),

  "/operator/open-account open": form(OPERATOR, ({ account }) => ({
    account: `${account}.forged`,
    currency: "USD",
    timeZone: "UTC",
  })),
  "/operator/accounts/:account grant": form(OPERATOR, () => ({
    credits: "1000",
    reason: "forged",
    once: "forged",
  })),
  "/operator/accounts/:account link": form(OPERATOR, ({ user }) => ({ user: user.super_admin })),
  "/operator/accounts/:account terms": form(OPERATOR, () => ({
    plans: "professional",
    anchorDate: "2026-01-01",
    timeZone: "UTC",
    termPeriods: "1",
  })),
  "/operator/accounts/:account details": form(OPERATOR, () => ({
    name: "Forged",
    invoicePrefix: "FORGED",
    "buyer.name": "Forged",
    netDays: "1",
  })),
  "/operator/accounts/:account suspend": form(OPERATOR, () => ({ reason: "forged" })),
  "/operator/accounts/:account resume": form(OPERATOR),
  "/operator/accounts/:account close": form(OPERATOR, ({ account }) => ({
    reason: "forged",
    confirm: account,
  })),
  "/operator/accounts/:account reconcile": form(OPERATOR),
  "/operator/rate-sheets/new draft": form(OPERATOR),
  "/operator/rate-sheets/new publish": form(OPERATOR, () => ({ json: "{}" })),
  "/operator/rate-sheets/:version withdraw": form(OPERATOR),
  "/operator/deliveries resend": form(OPERATOR, () => ({ id: "dlv_abc" })),
  "/operator/deliveries resend-failed": form(OPERATOR),
  "/operator/dead-letters/:letter resend": form(OPERATOR),
  "/operator/dead-letters/:letter remove": form(OPERATOR),
  "/operator/webhooks add": form(OPERATOR, () => ({ url: "https://forged.example/hook" })),
  "/operator/webhooks rotate": form(OPERATOR, () => ({ id: "whe_forged" })),
  "/operator/webhooks disable": form(OPERATOR, () => ({ id: "whe_forged" })),
  "/operator/webhooks enable": form(OPERATOR, () => ({ id: "whe_forged" })),
  "/operator/webhooks ping": form(OPERATOR, () => ({ id: "whe_forged" })),
  "/operator/webhooks remove": form(OPERATOR, () => ({ id: "whe_forged" })),
  "/operator/test-clocks create": form(OPERATOR, () => ({ testClock: "forged", now: "2026-01-01T00:00" })),
  "/operator/test-clocks advance": form(OPERATOR, () => ({ clock: "demo", to: "2030-01-01T00:00" })),
  "/operator/keys create": form(OPERATOR, () => ({ name: "forged", scopes: "admin" })),
  "/operator/keys revoke": form(OPERATOR, () => ({ id: "key_forged" })),
};

/** POST routes that are no form of a page of their own, with fields. */
export const OTHER_POSTS: Readonly<Record<string, Fields>> = {
  "/accounts/:account/banners/dismiss": { banner: "2026-11-14/limit/85/rs5qdc", from: "/" },
};

/** The parts of a name in FORMS. */
export function formOf(name: string): { readonly route: string; readonly action: string } {
  const [route = "", action = ""] = name.split(" ");
  return { route, action };
}
