/** POST /v1/events in the content modes of CloudEvents 1.0. */
import { exports } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { accountIdOf } from "../../shared/account-key.ts";
import { call, keyWith } from "./api.ts";
import { openTestAccount, publishOffer } from "./fixtures.ts";

let key = "";

beforeAll(async () => {
  await publishOffer();
  key = await keyWith("test", ["consume"]);
});

function send(contentType: string, body: unknown, headers: Record<string, string> = {}, query = "") {
  const path = `/v1/events${query}`;
  return call<{ results: unknown[] }>(key, "POST", path, body, { "content-type": contentType, ...headers });
}

function cloudEvent(subject: string, id: string, data?: unknown) {
  return { specversion: "1.0", source: "/product", type: "assistant/answer", subject, id, data };
}

test("a structured CloudEvent is recorded; its data is the rest of the event", async () => {
  const { key: accountKey } = await openTestAccount();
  const account = accountIdOf(accountKey);
  const answer = await send(
    "application/cloudevents+json",
    cloudEvent(account, "a", { quantity: 2.5, user: "u" }),
  );
  expect(answer).toMatchObject({
    status: 200,
    body: { results: [{ allowed: true, id: "a", credits: 2.5 }] },
  });
  const again = await send(
    "application/cloudevents+json",
    cloudEvent(account, "a", { quantity: 2.5, user: "u" }),
  );
  expect(again.body.results).toMatchObject([{ replayed: true }]);
});

test("a batch answers each CloudEvent in order, whatever is wrong with the others", async () => {
  const { key: accountKey } = await openTestAccount();
  const account = accountIdOf(accountKey);
  const batch = [
    cloudEvent(account, "a"),
    { ...cloudEvent(account, "b"), specversion: "0.3" },
    cloudEvent("nobody", "c"),
  ];
  const { body } = await send("application/cloudevents-batch+json; charset=utf-8", batch);
  expect(body.results).toMatchObject([
    { allowed: true, credits: 1 },
    { id: "b", problem: { status: 422, errors: [{ path: "specversion" }] } },
    { id: "c", problem: { status: 404, code: "account_not_found" } },
  ]);
});

test("binary mode reads the attributes from headers, and mode=consume is a gate", async () => {
  const { key: accountKey } = await openTestAccount({ includedCredits: 1 });
  const headers = {
    "ce-specversion": "1.0",
    "ce-id": "a",
    "ce-source": "/product",
    "ce-type": "assistant/answer",
    "ce-subject": accountIdOf(accountKey),
  };
  const { body } = await send("application/json", { quantity: 2 }, headers, "?mode=consume");
  expect(body.results).toMatchObject([{ allowed: false, reason: "credits_exhausted" }]);
});

test("what is no CloudEvent is refused by field", async () => {
  expect(await send("application/cloudevents-batch+json", {})).toMatchObject({ status: 422 });
  expect(await send("application/cloudevents+json", cloudEvent("a", "b"), {}, "?mode=gate")).toMatchObject({
    status: 422,
    body: { errors: [{ path: "mode" }] },
  });
});

const BINARY = {
  "ce-specversion": "1.0",
  "ce-id": "a",
  "ce-source": "/product",
  "ce-type": "assistant/answer",
  "ce-subject": "nobody",
};

test("binary mode takes a request without a body, whose action counts once", async () => {
  const { key: accountKey } = await openTestAccount();
  const headers = { ...BINARY, "ce-subject": accountIdOf(accountKey), "ce-id": "caf%C3%A9" };
  const { body } = await call<{ results: unknown[] }>(key, "POST", "/v1/events", undefined, headers);
  expect(body.results).toMatchObject([{ allowed: true, id: "café", credits: 1 }]);
});

test("a header whose percent-encoding is broken is refused", async () => {
  expect(await send("application/json", {}, { ...BINARY, "ce-id": "%E2%82" })).toMatchObject({
    status: 422,
    body: { code: "invalid_request" },
  });
});

test.each([
  ["application/cloudevents+json", {}],
  ["application/cloudevents-batch+json", {}],
  ["application/json", BINARY],
])("a body that is no JSON is refused in %s", async (contentType, headers) => {
  const response = await exports.default.fetch(
    new Request("https://drawdown.example/v1/events", {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": contentType, ...headers },
      body: '{"id": ',
    }),
  );
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: "malformed_body" });
});

test("a mode in the query is no mode for plain events, which name theirs in the body", async () => {
  const answer = await send("application/json", { events: [{}] }, {}, "?mode=consume");
  expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: "mode" }] } });
});
