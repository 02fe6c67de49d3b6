/** Who may send which form: every form, sent by everybody and from everywhere (rules, 9). What is refused changes nothing. */
import { beforeAll, describe, expect, test } from "vitest";
import { FORMS, formOf, OTHER_POSTS, pathOf } from "./access-table.ts";
import type { Visitor } from "./page-table.ts";
import { type Fields, FORM_TYPE, useHttpPages } from "./support/http.ts";
import { type FurnishedAccount, furnish, OWNED, stateOf, UNOWNED } from "./support/two-accounts.ts";

const pages = useHttpPages();
const PEOPLE = ["super_admin", "billing_admin", "feature_owner", "member"] as const;

let own: FurnishedAccount;
let foreign: FurnishedAccount;
let cookies: Readonly<Record<Visitor | "billing_contact" | "foreign" | "reader", string>>;

beforeAll(async () => {
  [own, foreign] = await Promise.all([furnish(pages.live), furnish(pages.live)]);
  const cookie = (ids: FurnishedAccount, name: keyof FurnishedAccount["user"]) =>
    pages.cookieOf(ids.account, ids.user[name]);
  const reader = await pages.live.createApiKey({
    name: `${own.account} reader`,
    scopes: ["read"],
    mode: "live",
  });
  cookies = {
    super_admin: await cookie(own, "super_admin"),
    billing_admin: await cookie(own, "billing_admin"),
    feature_owner: await cookie(own, "feature_owner"),
    member: await cookie(own, "member"),
    billing_contact: await cookie(own, "billing_contact"),
    foreign: await cookie(foreign, "super_admin"),
    operator: await pages.operatorCookie(pages.keys.live),
    reader: await pages.operatorCookie(reader.key),
  };
});

interface Sent {
  readonly path: string;
  readonly fields: Fields;
}

/** A form of FORMS as the account's own page would send it. */
function sentFor(name: string, ids: FurnishedAccount): Sent {
  const { route, action } = formOf(name);
  return { path: pathOf(route, ids), fields: { _form: action, ...FORMS[name]?.fields(ids) } };
}

function everyForm(ids: FurnishedAccount): readonly Sent[] {
  const others = Object.entries(OTHER_POSTS).map(([route, fields]) => ({ path: pathOf(route, ids), fields }));
  return [...Object.keys(FORMS).map((name) => sentFor(name, ids)), ...others];
}

/** Sends what nobody may send so; the account is as before. */
async function expectRefused(
  sent: readonly Sent[],
  send: (sent: Sent) => Promise<Response>,
  statuses: readonly number[] = [403, 404],
): Promise<void> {
  const before = await Promise.all([own, foreign].map(({ account }) => stateOf(pages.live, account)));
  for (const one of sent) {
    const { status } = await send(one);
    expect([one.path, one.fields._form, status]).toEqual([
      one.path,
      one.fields._form,
      expect.toBeOneOf(statuses),
    ]);
  }
  expect(await Promise.all([own, foreign].map(({ account }) => stateOf(pages.live, account)))).toEqual(
    before,
  );
}

describe("forms are refused", () => {
  test.each([...PEOPLE, "billing_contact"] as const)("to a %s who may not send them", async (person) => {
    const names = Object.keys(FORMS).filter(
      (name) => !FORMS[name]?.senders.some((sender) => sender === person),
    );
    expect(names.length).toBeGreaterThan(20);
    await expectRefused(
      names.map((name) => sentFor(name, own)),
      ({ path, fields }) => pages.post(path, cookies[person], fields),
    );
  });

  test("to people of another account", async () => {
    const ofAccounts = everyForm(own).filter(({ path }) => path.startsWith("/accounts"));
    await expectRefused(ofAccounts, ({ path, fields }) => pages.post(path, cookies.foreign, fields), [404]);
  });

  test("to whoever is not signed in", async () => {
    const before = await stateOf(pages.live, own.account);
    for (const { path, fields } of everyForm(own)) {
      const { status } = await pages.post(path, "", fields);
      expect([path, status]).toEqual([path, path.startsWith("/operator") ? 303 : 403]);
    }
    expect(await stateOf(pages.live, own.account)).toBe(before);
  });

  test("to an operator whose key lacks the scope admin", async () => {
    // Working on a draft and comparing books change nothing; they only read.
    const changes = Object.keys(FORMS).filter((name) => !/new draft$|account reconcile$/.test(name));
    await expectRefused(
      changes.map((name) => sentFor(name, own)),
      ({ path, fields }) => pages.post(path, cookies.reader, fields),
      [403, 404, 422],
    );
    const [keys, webhooks] = await Promise.all([pages.live.apiKeys(), pages.live.webhookEndpoints()]);
    expect(keys.data.map(({ name }) => name)).not.toContain("forged");
    expect(webhooks.data.map(({ url }) => url)).not.toContain("https://forged.example/hook");
    await expect(pages.live.account(`${own.account}.forged`)).rejects.toMatchObject({
      problem: { status: 404 },
    });
  });

  test("to a feature owner for features of others", async () => {
    const path = `/accounts/${own.account}/features/${UNOWNED.feature}`;
    const sent = ["pause", "resume", "owner", "access"].map((action) => ({
      path,
      fields: { _form: action, owner: own.user.feature_owner, who: "everybody" },
    }));
    await expectRefused(sent, (one) => pages.post(one.path, cookies.feature_owner, one.fields));
  });

  test("with ids of another account in their path", async () => {
    const mixed = { ...foreign, account: own.account, budget: "only-theirs", pack: "pack_99" };
    const named = Object.keys(FORMS)
      .filter((name) => /^\/accounts.*:(user|budget|pack)/.test(name))
      .map((name) => sentFor(name, mixed));
    expect(named.length).toBeGreaterThan(6);
    for (const cookie of [cookies.super_admin, cookies.operator]) {
      await expectRefused(named, ({ path, fields }) => pages.post(path, cookie, fields));
    }
  });

  test("with ids of another account in their fields", async () => {
    const feature = `/accounts/${own.account}/features/${OWNED.feature}`;
    const theirs = foreign.user.member;
    const sent: readonly Sent[] = [
      { path: feature, fields: { _form: "owner", owner: theirs } },
      { path: feature, fields: { _form: "access", who: "some", users: theirs } },
      {
        path: `/accounts/${own.account}/budgets?of=user`,
        fields: { _form: "add", budget: "theirs", key: theirs, credits: "1" },
      },
    ];
    await expectRefused(sent, ({ path, fields }) => pages.post(path, cookies.super_admin, fields), [422]);
    const link = { _form: "link", user: theirs };
    await expectRefused(
      [{ path: `/operator/accounts/${own.account}`, fields: link }],
      ({ path, fields }) => pages.post(path, cookies.operator, fields),
      [404, 422],
    );
  });

  test("without the name of one of the page's own", async () => {
    for (const action of ["", "constructor", "__proto__", "nothing"]) {
      const sent = [{ path: `/accounts/${own.account}/budgets`, fields: { _form: action } }];
      await expectRefused(sent, ({ path, fields }) => pages.post(path, cookies.super_admin, fields), [404]);
    }
  });
});

describe("forms that another site sends in one's name are refused", () => {
  const forged: readonly (readonly [string, Fields])[] = [
    ["of a foreign origin", { origin: "https://evil.example" }],
    ["of a foreign origin that says it is none", { origin: "null" }],
    ["of another scheme and port", { origin: "https://127.0.0.1:1" }],
    ["without origin and Sec-Fetch-Site", {}],
    ["across sites, as the browser says", { "sec-fetch-site": "cross-site" }],
    ["from a sister site, as the browser says", { "sec-fetch-site": "same-site" }],
  ];

  test.each(forged)("%s", async (_, headers) => {
    for (const cookie of [cookies.super_admin, cookies.operator]) {
      await expectRefused(
        everyForm(own),
        ({ path, fields }) =>
          pages.send(path, {
            headers: { cookie, "content-type": FORM_TYPE, ...headers },
            body: new URLSearchParams(fields).toString(),
          }),
        [403],
      );
    }
  });

  test.each(["text/plain", "multipart/form-data; boundary=x", "application/json", ""])(
    "as %s",
    async (type) => {
      await expectRefused(
        everyForm(own),
        ({ path, fields }) =>
          pages.send(path, {
            headers: { cookie: cookies.super_admin, origin: "https://evil.example", "content-type": type },
            body: new URLSearchParams(fields).toString(),
          }),
        [403, 404, 415, 422],
      );
    },
  );
});

async function sendOnce(name: string, sender: Visitor): Promise<void> {
  // An account for each, because most forms can be sent once.
  const fresh = await furnish(pages.live);
  await pages.live.changeSettings(fresh.account, { overageSetting: "pay_as_you_go" });
  await pages.live.putFeature(fresh.account, OWNED.feature, { paused: name.endsWith("resume") });
  const cookie =
    sender === "operator" ? cookies.operator : await pages.cookieOf(fresh.account, fresh.user[sender]);
  const { path, fields } = sentFor(name, fresh);
  const before = await stateOf(pages.live, fresh.account);
  const answer = await pages.post(path, cookie, fields);
  expect([name, sender, answer.status]).toEqual([name, sender, 303]);
  expect(await stateOf(pages.live, fresh.account), `${name} by ${sender}`).not.toBe(before);
}

test("each form of the account is sent by whoever may send it, so that it was its sender who was refused", async () => {
  for (const name of Object.keys(FORMS).filter((form) => form.startsWith("/accounts"))) {
    await Promise.all((FORMS[name]?.senders ?? []).map((sender) => sendOnce(name, sender)));
  }
}, 240_000);
