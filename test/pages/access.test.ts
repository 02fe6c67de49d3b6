/** Who gets which page: every route, asked for by everybody (rules, 9). */
import { beforeAll, describe, expect, test } from "vitest";
import {
  EMPTY_ROUTES,
  FILES,
  FORMS,
  formOf,
  OTHER_POSTS,
  pathOf,
  VISITORS,
  WELCOME,
} from "./access-table.ts";
import type { Visitor } from "./page-table.ts";
import { useHttpPages } from "./support/http.ts";
import { definedPages } from "./support/routes.ts";
import { type FurnishedAccount, furnish } from "./support/two-accounts.ts";

const pages = useHttpPages();

const POLICY_PARTS = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
];
const PEOPLE = ["super_admin", "billing_admin", "feature_owner", "member"] as const;

let own: FurnishedAccount;
let foreign: FurnishedAccount;
let cookies: Readonly<Record<Visitor | "billing_contact" | "foreign", string>>;

/** A file of a list, or the page. */
function addressOf(route: string, ids: FurnishedAccount): string {
  return Object.hasOwn(FILES, route) ? `${pathOf(route, ids)}?format=csv` : pathOf(route, ids);
}

async function statusesOf(routes: readonly string[], ids: FurnishedAccount, cookie: string) {
  const lines: string[] = [];
  for (const route of routes)
    lines.push(`${route} ${(await pages.get(addressOf(route, ids), cookie)).status}`);
  return lines;
}

beforeAll(async () => {
  [own, foreign] = await Promise.all([furnish(pages.live), furnish(pages.live)]);
  const cookie = (ids: FurnishedAccount, name: keyof FurnishedAccount["user"]) =>
    pages.cookieOf(ids.account, ids.user[name]);
  cookies = {
    super_admin: await cookie(own, "super_admin"),
    billing_admin: await cookie(own, "billing_admin"),
    feature_owner: await cookie(own, "feature_owner"),
    member: await cookie(own, "member"),
    billing_contact: await cookie(own, "billing_contact"),
    foreign: await cookie(foreign, "super_admin"),
    operator: await pages.operatorCookie(pages.keys.live),
  };
});

test("the tables know every page, file and form", async () => {
  const { gets, posts, forms } = await definedPages();
  expect([...Object.keys(VISITORS), ...Object.keys(FILES)].sort()).toEqual(gets.toSorted());
  expect(Object.keys(FORMS).sort()).toEqual(forms.toSorted());
  const known = [...Object.keys(FORMS).map((name) => formOf(name).route), ...Object.keys(OTHER_POSTS)];
  expect([...new Set(known)].sort()).toEqual(posts.toSorted());
});

describe("pages and files", () => {
  const all = { ...VISITORS, ...FILES };
  const routes = Object.keys(all);
  const ofAccounts = routes.filter((route) => route.startsWith("/accounts"));
  const ofOperator = routes.filter((route) => route.startsWith("/operator"));

  test("are for nobody who is not signed in, and show them nothing", async () => {
    for (const route of routes) {
      const answer = await pages.get(addressOf(route, own));
      const isOperators = route.startsWith("/operator");
      expect([route, answer.status]).toEqual([route, isOperators ? 303 : 403]);
      if (isOperators) expect(answer.headers.get("location")).toBe("/sign-in");
      expect(await answer.text()).not.toContain(own.account);
    }
  });

  test("of another account are not there", async () => {
    expect(await statusesOf(ofAccounts, own, cookies.foreign)).toEqual(
      ofAccounts.map((route) => `${route} 404`),
    );
    expect(await statusesOf(ofAccounts, foreign, cookies.super_admin)).toEqual(
      ofAccounts.map((route) => `${route} 404`),
    );
  });

  test.each(PEOPLE)("of the operator are not there for a %s", async (person) => {
    expect(await statusesOf(ofOperator, own, cookies[person])).toEqual(
      ofOperator.map((route) => `${route} 404`),
    );
  });

  test.each([...PEOPLE, "operator"] as const)("are there for a %s as the rules say", async (visitor) => {
    const shown = routes.filter((route) => all[route]?.includes(visitor) && !EMPTY_ROUTES.has(route));
    const hidden = routes.filter((route) => !all[route]?.includes(visitor));
    // A member's file is of their own usage, as the page's link says; see access-own.test.ts.
    const pagesShown = shown.filter((route) => !Object.hasOwn(FILES, route) || isAdmin(visitor));
    expect(await statusesOf(pagesShown, own, cookies[visitor])).toEqual(
      pagesShown.map((route) => `${route} 200`),
    );
    for (const line of await statusesOf(hidden, own, cookies[visitor])) expect(line).toMatch(/ 40[34]$/);
  });

  test("are not there for a billing contact, who is told so", async () => {
    const others = routes.filter((route) => route !== WELCOME);
    for (const line of await statusesOf(others, own, cookies.billing_contact))
      expect(line).toMatch(/ 40[34]$/);
    const welcome = await pages.get(pathOf(WELCOME, own), cookies.billing_contact);
    const html = await welcome.text();
    expect(html).toContain("Nothing to see here");
    for (const id of [...Object.values(own.event), own.user.member, "credits"])
      expect(html).not.toContain(id);
  });

  test("with ids of another account are not there", async () => {
    const mixed = { ...foreign, account: own.account, budget: "only-theirs", pack: "pack_99" };
    const named = ofAccounts.filter((route) => /:(event|user|budget|pack|invoice)/.test(route));
    expect(named.length).toBeGreaterThan(5);
    for (const cookie of [cookies.super_admin, cookies.operator]) {
      expect(await statusesOf(named, mixed, cookie)).toEqual(named.map((route) => `${route} 404`));
    }
  });
});

function isAdmin(visitor: Visitor): boolean {
  return visitor === "super_admin" || visitor === "billing_admin" || visitor === "operator";
}

describe("every answer", () => {
  const places = ["/sign-in", "/signed-out", "/portal/no-link", "/accounts/nobody", "/operator/nothing"];

  test("lets the browser run nothing but this site's own files, and keeps nothing", async () => {
    const routes = Object.keys(VISITORS).filter((route) => !EMPTY_ROUTES.has(route));
    for (const path of [...places, ...routes.map((route) => pathOf(route, own))]) {
      for (const cookie of ["", cookies.member, cookies.operator]) {
        const answer = await pages.get(path, cookie);
        const policy = answer.headers.get("content-security-policy") ?? "";
        for (const part of POLICY_PARTS) expect(policy.split("; "), path).toContain(part);
        expect(policy).not.toMatch(/unsafe|\*|https?:/);
        expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
        expect(answer.headers.get("referrer-policy")).toBe("same-origin");
        if (answer.status === 303) continue;
        expect(answer.headers.get("cache-control"), path).toBe("private, no-store");
        const html = await answer.text();
        expect(html, path).not.toMatch(/ style=| on[a-z]+=|<style|javascript:|<script(?! src=)/i);
      }
    }
  });

  test("of a page costs one call to the account and three batches to D1 at most", async () => {
    for (const route of Object.keys(VISITORS).filter((known) => !EMPTY_ROUTES.has(known))) {
      const visitor = VISITORS[route]?.includes("super_admin") ? "super_admin" : "operator";
      const answer = await pages.get(pathOf(route, own), cookies[visitor]);
      const costs = answer.headers.get("server-timing") ?? "";
      const [, calls, batches] = /account;desc="(\d+)", d1;desc="(\d+)"/.exec(costs) ?? [];
      expect([Number(calls) <= 1, Number(batches) <= 3], `${route}: ${costs}`).toEqual([true, true]);
    }
  });
});
