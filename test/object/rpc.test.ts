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

test("holds, captures and releases like the API", async () => {
  const account = accountIdOf((await openTestAccount({ includedCredits: 10 })).key);
  const { Credits } = exports;
  expect(await Credits.hold(answer(account, "job", 8), "test")).toMatchObject({
    allowed: true,
    credits: 8,
    hold: { status: "open" },
  });
  expect(await Credits.hold(answer(account, "more", 3), "test")).toMatchObject({
    allowed: false,
    id: "more",
    reason: "credits_exhausted",
  });
  const capture = { account, action: "answer", quantity: 11 };
  expect(await Credits.capture("job", capture, "test")).toMatchObject({ allowed: false, credits: 11 });
  expect(await Credits.capture("job", { ...capture, quantity: 5 }, "test")).toMatchObject({
    allowed: true,
    credits: 5,
    hold: { status: "captured" },
  });
  expect(await Credits.release("job", { account }, "test")).toMatchObject({
    id: "job",
    problem: { status: 409, code: "hold_settled" },
  });
  await Credits.hold(answer(account, "other", 1), "test");
  expect(await Credits.release("other", { account }, "test")).toMatchObject({ hold: { status: "released" } });
  expect(await Credits.capture("none", { account, quantity: 1 }, "test")).toMatchObject({
    problem: { status: 422, errors: [{ path: "action" }] },
  });
});
