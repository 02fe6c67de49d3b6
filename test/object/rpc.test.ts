/** The entry point for Workers of the same Cloudflare account: the answers of the API, without a key. */
import { exports } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { accountIdOf } from "../../shared/account-key.ts";
import { openTestAccount, publishOffer } from "./fixtures.ts";

beforeAll(async () => {
  await publishOffer();
});

function answer(account: string, id: string, quantity: number) {
  return { account, id, feature: "assistant", action: "answer", quantity };
}

test("checks, consumes and records like the API", async () => {
  const account = accountIdOf((await openTestAccount({ includedCredits: 5 })).key);
  const { Credits } = exports;
  expect(await Credits.check(answer(account, "a", 2), "test")).toMatchObject({ allowed: true, credits: 2 });
  expect(await Credits.consume(answer(account, "a", 2), "test")).toMatchObject({
    allowed: true,
    entry: { seq: 1 },
  });
  expect(await Credits.consume(answer(account, "a", 2), "test")).toMatchObject({ replayed: true });
  expect(await Credits.consume(answer(account, "b", 4), "test")).toMatchObject({
    allowed: false,
    reason: "credits_exhausted",
  });
  expect(await Credits.record(answer(account, "b", 4), "test")).toMatchObject({
    allowed: true,
    overdraft: 1,
    wouldDeny: "credits_exhausted",
  });
});

test("refuses bad input with a problem, and knows no test account by default", async () => {
  const account = accountIdOf((await openTestAccount()).key);
  const { Credits } = exports;
  expect(await Credits.consume(answer(account, "a", -1), "test")).toMatchObject({
    id: "a",
    problem: { status: 422, errors: [{ path: "quantity" }] },
  });
  expect(await Credits.consume(answer(account, "a", 1))).toMatchObject({
    problem: { code: "account_not_found" },
  });
});
