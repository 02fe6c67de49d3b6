/** What a member and a feature owner see of usage: their own, and nothing of anybody else (rules, 9). */
import { beforeAll, describe, expect, test } from "vitest";
import { useHttpPages } from "./support/http.ts";
import { type FurnishedAccount, furnish, OWNED, type PersonName, UNOWNED } from "./support/two-accounts.ts";

const pages = useHttpPages();

let own: FurnishedAccount;
let root: string;

beforeAll(async () => {
  own = await furnish(pages.live);
  root = `/accounts/${own.account}`;
});

/** Everything that tells of somebody's usage, with every way to ask for more than one's own. */
function usagePaths(askedFor: PersonName): readonly string[] {
  const user = encodeURIComponent(own.user[askedFor]);
  const queries = [
    "",
    `user=${user}`,
    `feature=${UNOWNED.feature}`,
    `feature=${OWNED.feature}`,
    `feature=${OWNED.feature}&user=${user}`,
    "groupBy=user",
    "groupBy=workflow",
    "from=2020-01-01",
    "team=",
  ];
  const lists = [
    "",
    "/log",
    "/history",
    "/features",
    `/features/${UNOWNED.feature}`,
    `/features/${OWNED.feature}`,
  ];
  const files = ["/log/download", "/history/download", "/history/periods/download"];
  return [
    ...lists.flatMap((path) => queries.map((query) => `${root}${path}?${query}`)),
    ...files.flatMap((path) =>
      ["csv", "ndjson"].flatMap((format) =>
        queries.map((query) => `${root}${path}?format=${format}&${query}`),
      ),
    ),
    ...Object.values(own.event).map((event) => `${root}/log/${encodeURIComponent(event)}`),
  ];
}

/** Texts of all answers that are no refusals. */
async function seenBy(
  person: PersonName,
): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const cookie = await pages.cookieOf(own.account, own.user[person]);
  const seen = [];
  for (const path of usagePaths("colleague")) {
    const answer = await pages.get(path, cookie);
    expect([path, answer.status]).toEqual([path, expect.toBeOneOf([200, 403, 404, 422])]);
    const text = await answer.text();
    if (answer.status === 200) seen.push({ path, text });
  }
  expect(seen.length).toBeGreaterThan(3);
  return seen;
}

/** What only somebody's usage tells. */
function tracesOf(person: PersonName): readonly string[] {
  return [own.event[person], `flow.${person}`];
}

/** The page of an entry that is refused names it in its address only. */
function expectNoTrace(
  seen: readonly { readonly path: string; readonly text: string }[],
  people: readonly PersonName[],
) {
  for (const { path, text } of seen) {
    for (const trace of people.flatMap(tracesOf)) expect(text, `${trace} in ${path}`).not.toContain(trace);
  }
}

const OTHERS_THAN_MEMBER: readonly PersonName[] = [
  "super_admin",
  "billing_admin",
  "feature_owner",
  "billing_contact",
  "colleague",
];

describe("a member", () => {
  test("sees their own usage", async () => {
    const cookie = await pages.cookieOf(own.account, own.user.member);
    for (const path of ["/log", "/log/download?format=csv", "/log/download?format=ndjson"]) {
      const query = path.includes("?") ? `&user=${own.user.member}` : "";
      const answer = await pages.get(root + path + query, cookie);
      expect([path, answer.status]).toEqual([path, 200]);
      expect(await answer.text()).toContain(own.event.member);
    }
  });

  test("sees no entry and no person of anybody else's", async () => {
    const seen = await seenBy("member");
    expectNoTrace(seen, OTHERS_THAN_MEMBER);
    // Whose a feature is, everybody may know (9.1): its page names the owner.
    const ofUsage = seen.filter(({ path }) => !path.startsWith(`${root}/features`));
    const ids = OTHERS_THAN_MEMBER.map((person) => own.user[person]);
    for (const { path, text } of ofUsage)
      for (const id of ids) expect(text, `${id} in ${path}`).not.toContain(id);
  });

  test("sees no money, in no file either", async () => {
    const cookie = await pages.cookieOf(own.account, own.user.member);
    for (const path of ["", "/log", "/history", `/history/download?format=csv&user=${own.user.member}`]) {
      const text = await (await pages.get(root + path, cookie)).text();
      expect(text, path).not.toMatch(/\$\d|USD \d|\d USD/);
    }
  });
});

describe("a feature owner", () => {
  const others: readonly PersonName[] = [
    "super_admin",
    "billing_admin",
    "member",
    "billing_contact",
    "colleague",
  ];

  test("sees the usage of the features that they own", async () => {
    const cookie = await pages.cookieOf(own.account, own.user.feature_owner);
    const file = await pages.get(`${root}/log/download?format=csv&feature=${OWNED.feature}`, cookie);
    expect(await file.text()).toContain(own.event.feature_owner);
    const log = await pages.get(`${root}/log?feature=${OWNED.feature}`, cookie);
    expect(await log.text()).toContain(own.event.feature_owner);
  });

  test("sees nothing that was used of other features", async () => {
    const seen = await seenBy("feature_owner");
    expectNoTrace(seen, others);
    for (const { path, text } of seen) {
      // What the address itself says, the page's links say too.
      const ids = others.map((person) => own.user[person]).filter((id) => !path.includes(id));
      for (const id of ids) expect(text, `${id} in ${path}`).not.toContain(id);
    }
  });

  test("sees another one's usage of their feature once there is some", async () => {
    const id = `${own.account}.late`;
    await pages.live.consume({ account: own.account, id, user: own.user.colleague, ...OWNED });
    const cookie = await pages.cookieOf(own.account, own.user.feature_owner);
    const file = await pages.get(`${root}/log/download?format=ndjson&feature=${OWNED.feature}`, cookie);
    expect(await file.text()).toContain(id);
  });
});
