/** Dismissing a banner leads back to the page it was dismissed on, whatever the form says that page is. */
import { beforeAll, expect, test } from "vitest";
import { useHttpPages } from "./support/http.ts";
import { type FurnishedAccount, furnish, OWNED } from "./support/two-accounts.ts";

const pages = useHttpPages();

let own: FurnishedAccount;
let root: string;
let cookie: string;
let banner: string;

beforeAll(async () => {
  own = await furnish(pages.live);
  root = `/accounts/${own.account}`;
  const user = own.user.super_admin;
  await pages.live.putFeature(own.account, OWNED.feature, { paused: true });
  const banners = await pages.live.banners(own.account, { user });
  banner = banners.find(({ data: { kind } }) => kind === "feature_paused")?.id ?? "";
  cookie = await pages.cookieOf(own.account, user);
});

/** Where it leads, as the browser understands it. */
async function leadsTo(from: string): Promise<string> {
  const answer = await pages.post(`${root}/banners/dismiss`, cookie, { banner, from });
  expect([from, answer.status]).toEqual([from, 303]);
  return new URL(answer.headers.get("location") ?? "", pages.url).href;
}

test("back to a page of the account, with what it was asked", async () => {
  for (const from of [root, `${root}/log?feature=a%20b&cursor=e1`])
    expect(await leadsTo(from)).toBe(pages.url + from);
});

test("nowhere else", async () => {
  const elsewhere = [
    "",
    "/operator",
    `${root}-2/log`,
    `${root}/../../operator`,
    `${root}\\..\\..\\\\evil.example`,
    "//evil.example/accounts",
    `https://evil.example${root}`,
    "javascript:alert(1)",
    "http://[",
  ];
  for (const from of elsewhere) expect(await leadsTo(from), from).toBe(pages.url + root);
});

test("without headers of its own", async () => {
  const location = await leadsTo(`${root}/log\r\nset-cookie: forged=1`);
  expect(new URL(location).pathname.startsWith(`${root}/`)).toBe(true);
});
