/** Many conversions from a CSV file over HTTP: dry run, a report per row, exactly once (rules, section 11). */
import { beforeAll, expect, test } from "vitest";
import { badFields, CATALOG, call, keyWith, sell, send } from "./api.ts";
import { openClocked } from "./clocked.ts";

interface Row {
  readonly line: number;
  readonly account: string;
  readonly status: string;
  readonly credits: number | null;
  readonly message: string | null;
}

interface Report {
  readonly dryRun: boolean;
  readonly converted: number;
  readonly alreadyDone: number;
  readonly refused: number;
  readonly rows: readonly Row[];
}

let sandbox = "";

beforeAll(async () => {
  sandbox = await keyWith("test");
  const sizes = [{ size: 100, credits: 3000 }];
  await sell("PUT", "/v1/catalog", {
    ...CATALOG,
    conversionTables: [
      { edition: "default", sizes: [...sizes, { size: 1000, credits: 15_000 }] },
      { edition: "pro", sizes: [{ size: 100, credits: 4000 }] },
    ],
  });
});

const CSV = { "content-type": "text/csv; charset=utf-8" };
const importFile = (csv: string, query = "") =>
  send<Report>(sandbox, "POST", `/v1/conversions/import${query}`, csv, CSV);
const dryRun = (csv: string) => importFile(csv, "?dryRun=true");

/** "2 acme converted 6000", as the report says it. */
async function linesOf(answer: Promise<{ readonly status: number; readonly body: Report }>) {
  const { status, body } = await answer;
  expect(status, JSON.stringify(body)).toBe(200);
  return body.rows.map(({ line, status: became, credits, message }) =>
    [line, became, credits ?? message].join(" "),
  );
}

test("a file converts packs of many accounts, once, however often it is sent", async () => {
  const first = await openClocked(sandbox);
  const second = await openClocked(sandbox, { timeZone: "America/New_York" });
  const csv = [
    "account,size,quantity,edition,price,currency,termPeriods,effectiveAt,reference",
    `${first.account},100,2,,,,,,o-1`,
    `${second.account},100,1,pro,12.50,USD,6,,o-1`,
    `${first.account},1000,3,,,,,2026-12-24T00:00:00Z,o-2`,
    `${second.account},1000,1,,,,,2026-12-24,o-3`,
    "",
  ].join("\r\n");
  expect(await linesOf(dryRun(csv))).toEqual([
    "2 would_convert 6000",
    "3 would_convert 4000",
    "4 would_convert 45000",
    "5 would_convert 15000",
  ]);
  expect(await first.get("/conversions")).toMatchObject({ data: [] });
  const sent = await importFile(csv);
  expect(sent.body).toMatchObject({ dryRun: false, converted: 4, alreadyDone: 0, refused: 0 });
  expect(await linesOf(importFile(csv))).toEqual([
    "2 already_done 6000",
    "3 already_done 4000",
    "4 already_done 45000",
    "5 already_done 15000",
  ]);
  expect(await dryRun(csv)).toMatchObject({ body: { dryRun: true, converted: 0, alreadyDone: 4 } });
  expect(await first.get("/settings")).toMatchObject({ limit: 6500, overageSetting: "pause" });
  expect(await second.get("/conversions")).toMatchObject({
    data: [
      { converted: { credits: 4000, price: { amountMinor: 1250 } }, status: "active" },
      // Midnight in New York.
      { status: "scheduled", effectiveAt: "2026-12-24T05:00:00Z" },
    ],
  });
  expect(await second.get("/packs")).toMatchObject({ term: { periods: 6 } });
  await first.advance("2027-08-01T00:00:00Z");
  await second.advance("2027-08-01T00:00:00Z");
  expect(await importFile(csv)).toMatchObject({ body: { converted: 0, alreadyDone: 4 } });
  const invoices = await second.invoices();
  expect(invoices.map(({ total }) => total.amountMinor)).toEqual(Array(6).fill(1250));
});

test("without references the content and its place among equal rows count", async () => {
  const { account, get } = await openClocked(sandbox);
  const header = "account,size,quantity\n";
  const row = `${account},100,1\n`;
  expect(await linesOf(importFile(header + row + row))).toEqual(["2 converted 3000", "3 converted 3000"]);
  expect(await linesOf(importFile(header + row + row + row))).toEqual([
    "2 already_done 3000",
    "3 already_done 3000",
    "4 converted 3000",
  ]);
  // The same content in other columns, and in another order.
  const again = `quantity,reference,size,account,price,edition\n1,,100,${account},0.00,default\n`;
  expect(await linesOf(importFile(again))).toEqual(["2 already_done 3000"]);
  expect(await get("/settings")).toMatchObject({ limit: 9500 });
});

test("each bad row says which column and why, and holds up no other", async () => {
  const { account, get } = await openClocked(sandbox);
  const header = "account,size,quantity,edition,price,currency,termPeriods,effectiveAt,reference\n";
  const rows = [
    `${account},100,1,,,,,,r1`,
    `${account},500,1,,,,,,`,
    `${account},100,1,gold,,,,,`,
    `nobody,100,1,,,,,,`,
    `${account},1.5,0,,free,,99,soon,`,
    `${account},100,1,,1.005,USD,,,`,
    `${account},100,1,,1,EUR,,,`,
    `${account},100,1,,,,6,,`,
    `${account},100,2,,,,,,r1`,
    `${account},100`,
    `,100,1,,,,,,`,
    `"${account}",1000,1,,,,,,"r,2"`,
  ];
  const csv = `${header}${rows.join("\n")}\n`;
  const expected = [
    /^2 would_convert 3000$/,
    /^3 refused size: 500 is not in the table "default", which has: 100, 1000$/,
    /^4 refused edition: no table "gold"; the catalogue has: default, pro$/,
    /^5 refused account: no account "nobody"/,
    /^6 refused size: .*; quantity: .*; price: .*; termPeriods: .*; effectiveAt: /,
    /^7 refused price: USD has 2 decimals$/,
    /^8 refused currency: must be USD/,
    /^9 refused termPeriods: .*12 periods/,
    /^10 refused reference: "r1" was converted with other values/,
    /^11 refused .*2 values.*9 columns/,
    /^12 refused account: /,
    /^13 would_convert 15000$/,
  ];
  const dry = await linesOf(dryRun(csv));
  expect(dry).toEqual(expected.map((line) => expect.stringMatching(line)));
  const real = await linesOf(importFile(csv));
  expect(real).toEqual(dry.map((line) => line.replace("would_convert", "converted")));
  expect(await importFile(csv)).toMatchObject({ body: { converted: 0, alreadyDone: 2, refused: 10 } });
  expect(await get("/settings")).toMatchObject({ limit: 18_500 });
});

test("a table that has changed meanwhile converts nothing again", async () => {
  const { account, get } = await openClocked(sandbox);
  const csv = `account,size,quantity\n${account},100,1\n`;
  await importFile(csv);
  await sell("PUT", "/v1/catalog", CATALOG);
  const { body } = await call<{ conversionTables: object[] }>(sandbox, "GET", "/v1/catalog");
  const changed = [{ edition: "default", sizes: [{ size: 100, credits: 1 }] }];
  await sell("PUT", "/v1/catalog", { ...CATALOG, conversionTables: changed });
  expect(await linesOf(importFile(csv))).toEqual([
    "2 already_done converted before, by the table as it was then",
  ]);
  await sell("PUT", "/v1/catalog", { ...CATALOG, conversionTables: body.conversionTables });
  expect(await get("/settings")).toMatchObject({ limit: 3500 });
});

test("a closed account refuses what is new and remembers what was done", async () => {
  const { account, send: ask } = await openClocked(sandbox);
  const header = "account,size,quantity,reference\n";
  await importFile(`${header}${account},100,1,a\n`);
  await ask("POST", "/close", { reason: "left" });
  expect(await linesOf(importFile(`${header}${account},100,1,a\n${account},100,1,b\n`))).toEqual([
    "2 already_done 3000",
    expect.stringContaining("3 refused account"),
  ]);
});

test("a file that is none is refused as a whole, with the line", async () => {
  const refuse = (csv: string) => send(sandbox, "POST", "/v1/conversions/import", csv, CSV);
  for (const [csv, text] of [
    ["", 'column "account" is missing'],
    ["account,size\nacme,100\n", 'column "quantity" is missing'],
    ["account,size,quantity,colour\n", 'unknown column "colour"; the columns are account, size,'],
    ["account,size,quantity,size\n", 'column "size" stands there twice'],
    ['account,size,quantity\nacme,"100,1\n', "line 2: is not CSV"],
  ] as const) {
    const answer = await refuse(csv);
    expect(answer).toMatchObject({ status: 422, body: { code: "bad_file" } });
    expect(answer.body.detail).toContain(text);
  }
  const long = `account,size,quantity\n${"acme,100,1\n".repeat(1001)}`;
  expect(await refuse(long)).toMatchObject({ status: 413, body: { code: "too_many_rows" } });
  expect(await refuse("x".repeat(1024 * 1024 + 1))).toMatchObject({
    status: 413,
    body: { code: "body_too_large" },
  });
  for (const type of ["application/json", "text/plain"]) {
    const headers = { "content-type": type };
    expect(await send(sandbox, "POST", "/v1/conversions/import", "{}", headers)).toMatchObject({
      status: 415,
      body: { code: "not_csv" },
    });
  }
  expect(badFields(await send(sandbox, "POST", "/v1/conversions/import?dryRun=yes", "", CSV))).toEqual([
    "dryRun",
  ]);
  const reader = await keyWith("test", ["read"]);
  expect(await send(reader, "POST", "/v1/conversions/import", "", CSV)).toMatchObject({ status: 403 });
});

test("a thousand rows of many accounts take one request", async () => {
  const accounts = await Promise.all(Array.from({ length: 20 }, () => openClocked(sandbox)));
  const rows = Array.from(
    { length: 1000 },
    (_, index) => `${accounts[index % accounts.length]?.account},100,1,row-${index}`,
  );
  const csv = `account,size,quantity,reference\n${rows.join("\n")}\n`;
  expect(await importFile(csv)).toMatchObject({ body: { converted: 1000, refused: 0 } });
  expect(await importFile(csv)).toMatchObject({ body: { converted: 0, alreadyDone: 1000 } });
  expect(await accounts[7]?.get("/settings")).toMatchObject({ limit: 500 + 50 * 3000 });
});
