/** Exports as a caller downloads them: CSV and NDJSON, whole, exact and safe to open (rules, 10.3). */
import { env, exports } from "cloudflare:workers";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { accountIdOf } from "../../shared/account-key.ts";
import type { ProblemBody } from "./api.ts";
import { keyWith } from "./api.ts";
import { advance, END_MS, openBilledAccount, openExample2, START_MS, use } from "./billing-fixtures.ts";
import { answers, openTestAccount, publishOffer, type TestAccount } from "./fixtures.ts";
import { ask, book, ship } from "./report-fixtures.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const CSV = "text/csv";
const NDJSON = "application/x-ndjson";

let key: string;

beforeAll(async () => {
  await publishOffer();
  key = await keyWith("test", ["read"]);
});

function request(account: TestAccount, rest: string, accept: string | null): Promise<Response> {
  const url = `https://drawdown.example/v1/accounts/${accountIdOf(account.key)}/${rest}`;
  const headers = { authorization: `Bearer ${key}`, ...(accept === null ? {} : { accept }) };
  return exports.default.fetch(new Request(url, { headers }));
}

/** Not `text()`, which would take a type that is no text for a mistake. */
async function textOf(response: Response): Promise<string> {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await response.arrayBuffer());
}

type Line = Readonly<Record<string, string>>;

async function csv(account: TestAccount, rest: string): Promise<readonly Line[]> {
  const response = await request(account, rest, CSV);
  const text = await textOf(response);
  expect(response.status, text).toBe(200);
  return parse(text, { columns: true, record_delimiter: "\r\n" });
}

async function ndjson<Value>(account: TestAccount, rest: string): Promise<readonly Value[]> {
  const response = await request(account, rest, NDJSON);
  const lines = (await textOf(response)).split("\n");
  expect(lines.pop()).toBe("");
  return lines.map((line) => JSON.parse(line));
}

/** The named cells of each line. */
function cells(lines: readonly Line[], ...names: string[]): readonly (readonly (string | undefined)[])[] {
  return lines.map((line) => names.map((name) => line[name]));
}

const LISTS = ["usage", "log", "periods", "invoices"];

describe.each(LISTS)("%s", (list) => {
  test("comes as JSON, CSV or NDJSON, by what the caller accepts", async () => {
    const account = await openBilledAccount();
    for (const [accept, type] of [
      [null, "application/json"],
      ["*/*", "application/json"],
      ["application/*", "application/json"],
      ["application/json, text/csv", "application/json"],
      ["text/csv", "text/csv; charset=utf-8; header=present"],
      ["TEXT/*", "text/csv; charset=utf-8; header=present"],
      ["application/json;q=0.5, text/csv;q=0.9", "text/csv; charset=utf-8; header=present"],
      ["application/json;q=0, */*;q=0.1", "text/csv; charset=utf-8; header=present"],
      ["application/x-ndjson, text/html", NDJSON],
      ["text/html, */*;q=0.8", "application/json"],
    ] as const) {
      const response = await request(account, list, accept);
      expect([response.status, response.headers.get("content-type")], `${accept}`).toEqual([200, type]);
      expect(response.headers.get("vary")).toBe("accept");
      await response.arrayBuffer();
    }
  });

  test("in no other type is 406, with the types that there are", async () => {
    const account = await openBilledAccount();
    for (const accept of ["text/html", "application/xml, image/*", "*/*;q=0"]) {
      const response = await request(account, list, accept);
      const problem: ProblemBody = await response.json();
      expect([response.status, problem.code], accept).toEqual([406, "not_acceptable"]);
      expect(problem.detail).toContain("text/csv");
    }
  });

  test("is a file with a name and, as CSV, always a header", async () => {
    const account = await openBilledAccount();
    const response = await request(account, list, CSV);
    const name = response.headers.get("content-disposition") ?? "";
    expect(name).toMatch(
      new RegExp(`^attachment; filename="${accountIdOf(account.key)}-${list}[-0-9]*\\.csv"$`),
    );
    expect(await textOf(response)).toMatch(/^[A-Za-z]+(,[A-Za-z]+)+\r\n$/);
    const lines = await request(account, list, NDJSON);
    expect(lines.headers.get("content-disposition")).toContain(".ndjson");
    expect(await textOf(lines)).toBe("");
  });

  test("declares its types in the API's description", async () => {
    const response = await exports.default.fetch(new Request("https://drawdown.example/openapi.json"));
    const document: {
      paths: Record<string, { get: { responses: Record<string, { content: Record<string, unknown> }> } }>;
    } = await response.json();
    const responses = document.paths[`/v1/accounts/{account}/${list}`]?.get.responses;
    expect(Object.keys(responses?.["200"]?.content ?? {})).toEqual(["application/json", CSV, NDJSON]);
    expect(responses).toHaveProperty("406");
  });
});

describe("the log as CSV", () => {
  test("has a line per item with exact amounts, and those of the whole entry once", async () => {
    const account = await openTestAccount({}, START_MS);
    await book(account, [
      {
        id: "req_7f3",
        feature: "assistant",
        items: [
          { action: "tokens", quantityMicros: 374_000_001 },
          { action: "answer", quantityMicros: 1 },
        ],
        user: "u_12",
        workflow: "ticket-triage",
        subject: 'ticket "4711", first',
        occurredAtMs: START_MS - 40 * 60 * 1000,
        outcome: { type: "ticket_resolved", value: { amountMinor: 5, currency: "USD" } },
        properties: { model: "large" },
      },
    ]);
    const lines = await csv(account, "log");
    expect(lines[0]).toEqual({
      seq: "1",
      kind: "use",
      id: "req_7f3",
      event: "",
      period: "2026-11-14",
      mode: "consume",
      occurredAt: "2026-11-13T23:20:00Z",
      bookedAt: "2026-11-14T00:00:00Z",
      day: "2026-11-13",
      late: "true",
      feature: "assistant",
      action: "tokens",
      quantity: "374.000001",
      creditsEach: "",
      credits: "0.374001",
      overdraft: "0",
      wouldDeny: "",
      rateVersion: "1",
      accountRatesVersion: "",
      user: "u_12",
      teams: "",
      workflow: "ticket-triage",
      subject: 'ticket "4711", first',
      outcome: "ticket_resolved",
      outcomeValue: "0.05",
      outcomeCurrency: "USD",
      outcomeQuantity: "",
      outcomeUnit: "",
      reason: "",
      properties: '{"model":"large"}',
    });
    expect(cells(lines, "action", "quantity", "credits", "outcomeValue", "overdraft")[1]).toEqual([
      "answer",
      "0.000001",
      "0.000001",
      "",
      "",
    ]);
  });

  test("holds no formula that a caller could have put in, and leaves their JSON as it is", async () => {
    const account = await openTestAccount({}, START_MS);
    const user = '=HYPERLINK("https://evil.example","x")';
    await book(account, [answers("-1+1", 1, { user, workflow: "@SUM(A1)", subject: "+1" })]);
    expect(cells(await csv(account, "log"), "id", "user", "workflow", "subject")).toEqual([
      ["'-1+1", `'${user}`, "'@SUM(A1)", "'+1"],
    ]);
    expect(await ndjson(account, "log")).toMatchObject([
      { id: "-1+1", user, workflow: "@SUM(A1)", subject: "+1" },
    ]);
  });

  test("has the entries that pages have, filtered alike, newest first", async () => {
    const account = await openBilledAccount();
    await book(account, [
      answers("e1", 1, { user: "ü😀" }),
      answers("e2"),
      answers("e3", 1, { user: "ü😀" }),
    ]);
    await ship(account);
    await book(account, [answers("e4", 1, { user: "ü😀" }), answers("e5")]);
    const filter = `log?user=${encodeURIComponent("ü😀")}`;
    expect(cells(await csv(account, filter), "id", "user")).toEqual([
      ["e4", "ü😀"],
      ["e3", "ü😀"],
      ["e1", "ü😀"],
    ]);
    const page = await ask<{ data: unknown[] }>(key, account, filter);
    expect(await ndjson(account, filter)).toEqual(page.body.data);
    expect(cells(await csv(account, "log?limit=2"), "id")).toEqual([["e5"], ["e4"]]);
    expect(cells(await csv(account, "log?cursor=e3"), "seq")).toEqual([["2"], ["1"]]);
  });
});

describe("a stream of the log", () => {
  const some = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => answers(`e${from + index}`, 0.5));

  test("has what was booked when it began, each entry once, whatever is booked and shipped meanwhile", async () => {
    const account = await openBilledAccount();
    for (const [from, to] of [
      [1, 10],
      [11, 20],
    ] as const) {
      await book(account, some(from, to));
      await ship(account);
    }
    await book(account, some(21, 40));
    const { body } = await request(account, "log", NDJSON);
    const reader = body?.getReader();
    if (reader === undefined) throw new Error("a stream has a body");
    const first = await reader.read();
    await book(account, some(41, 50));
    await ship(account);
    const decoder = new TextDecoder();
    let text = decoder.decode(first.value, { stream: true });
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      text += decoder.decode(chunk.value, { stream: true });
    }
    const seqs = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).seq);
    expect(seqs).toEqual(Array.from({ length: 40 }, (_, index) => 40 - index));
  }, 30_000);

  test("that fails breaks off, so that nobody takes it for the whole", async () => {
    const account = await openBilledAccount();
    await book(account, some(1, 5));
    await ship(account);
    await book(account, some(6, 7));
    await env.DB.prepare("UPDATE segments SET entries = '[1,2,3,4,5]' WHERE account_key = ?")
      .bind(account.key)
      .run();
    // The failure is the point; its report is not.
    vi.spyOn(console, "error").mockImplementation(() => {});
    const response = await request(account, "log", CSV);
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
  });
});

describe("usage as CSV", () => {
  test("has the groups of the report with exact figures, and what the top leaves out", async () => {
    const account = await openExample2();
    await use(account, 6_000);
    await advance(account, START_MS + DAY_MS);
    await book(account, [
      answers("e1", 30.5, { user: "u1" }),
      answers("e2", 7.000001, { user: "u2" }),
      answers("e3", 200, { user: "=u3" }),
    ]);
    const lines = await csv(account, "usage?groupBy=user&top=2");
    const names = ["row", "user", "groups", "events", "uses", "credits", "money", "currency", "sharePercent"];
    expect(cells(lines, ...names)).toEqual([
      ["group", "", "1", "1", "", "6000", "11.83", "USD", "96.2"],
      ["group", "'=u3", "1", "1", "", "200", "0.40", "USD", "3.2"],
      ["rest", "", "2", "2", "", "37.500001", "0.07", "USD", "0.6"],
    ]);
    expect(cells(lines, "previousCredits", "changeCredits", "changePercent")[2]).toEqual([
      "0",
      "37.500001",
      "",
    ]);
    const byDay = await csv(account, "usage?groupBy=day,action&from=2026-11-14&to=2026-11-20");
    expect(cells(byDay, "day", "feature", "action", "quantity", "previousCredits")).toEqual([
      ["2026-11-14", "assistant", "answer", "6000", ""],
      ["2026-11-15", "assistant", "answer", "237.500001", ""],
    ]);
  });

  test("as NDJSON has the groups as the report's JSON has them", async () => {
    const account = await openBilledAccount();
    await book(account, [answers("e1", 3, { user: "u1" }), answers("e2", 4, { user: "u2" })]);
    const report = await ask<{ groups: object[]; rest: object[] }>(key, account, "usage?groupBy=user&top=1");
    expect(await ndjson(account, "usage?groupBy=user&top=1")).toEqual([
      ...report.body.groups.map((group) => ({ row: "group", groups: 1, ...group })),
      ...report.body.rest.map((rest) => ({ row: "rest", ...rest })),
    ]);
  });
});

describe("periods and invoices", () => {
  test("as CSV have exact amounts of money", async () => {
    const account = await openExample2();
    await use(account, 6_237.5);
    await advance(account, END_MS);
    const names = ["period", "start", "used", "billed", "overagePrice", "overageAmount", "packsAmount"];
    expect(cells(await csv(account, "periods"), ...names, "effectivePrice", "correctedUsed")).toEqual([
      ["2026-11-14", "2026-11-14T00:00:00Z", "6237.5", "230", "0.010", "2.30", "10.00", "0.001971943888", ""],
    ]);
    const invoices = await csv(account, "invoices");
    expect(cells(invoices, "number", "kind", "cause", "overdue", "period", "total", "currency")).toEqual([
      ["ACME-0003", "packs", "renewal", "false", "2026-12-14", "10.00", "USD"],
      ["ACME-0002", "overage", "", "false", "2026-11-14", "2.30", "USD"],
      ["ACME-0001", "packs", "purchase", "false", "2026-11-14", "10.00", "USD"],
    ]);
    expect(cells(await csv(account, "invoices?limit=1&cursor=3"), "number")).toEqual([["ACME-0002"]]);
    const page = await ask<{ data: unknown[] }>(key, account, "invoices");
    expect(await ndjson(account, "invoices")).toEqual(page.body.data);
  });

  test("are all there, beyond any page, each compared with the one before it", async () => {
    const account = await openBilledAccount();
    await advance(account, END_MS);
    await ask(key, account, "periods");
    const count = 1_203;
    // Older than the one that was closed, each with one credit less used.
    await env.DB.prepare(
      `WITH RECURSIVE months (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM months WHERE n < ?2)
       INSERT INTO periods (account_key, start_ms, end_ms, period, figures)
       SELECT account_key, start_ms - n * 86400000, start_ms - (n - 1) * 86400000, 'p' || n,
              json_set(figures, '$.period', 'p' || n, '$.startMs', start_ms - n * 86400000,
                       '$.endMs', start_ms - (n - 1) * 86400000, '$.usedMicros', (5000 - n) * 1000000)
         FROM periods, months WHERE account_key = ?1`,
    )
      .bind(account.key, count - 1)
      .run();
    const lines = await csv(account, "periods");
    expect(cells(lines, "period")).toEqual([
      ["2026-11-14"],
      ...Array.from({ length: count - 1 }, (_, index) => [`p${index + 1}`]),
    ]);
    const changes = lines.slice(1, -1).map((line) => line.changeCredits);
    expect(new Set(changes)).toEqual(new Set(["1"]));
    expect(lines.at(-1)?.changeCredits).toBe("");
    expect(await csv(account, "periods?limit=500")).toEqual(lines.slice(0, 500));
    expect(await ndjson(account, "periods?limit=3")).toHaveLength(3);
  });
});
