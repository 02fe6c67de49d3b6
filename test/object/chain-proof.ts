/** That all which the callers were told is in log, roll-ups, balances, documents, notices and audit log, once. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { InvoiceDocument } from "../../shared/credits/invoice.ts";
import { overageAmountMinor } from "../../shared/credits/overage-invoice.ts";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import type { Checkpoint } from "../../workers/account/checkpoint.ts";
import { reconcileAccount } from "../../workers/billing/reconciliation.ts";
import type { Callers } from "./chain-callers.ts";
import type { World } from "./chain-world.ts";
import { CONTEXT } from "./fixtures.ts";

interface InvoiceRow {
  readonly number: number;
  readonly source: string;
  readonly document: InvoiceDocument;
}

async function rows<Row>(sql: string, accountKey: string): Promise<Row[]> {
  return (await env.DB.prepare(sql).bind(accountKey).all<Row>()).results;
}

const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);
const counted = (length: number) => Array.from({ length }, (_, index) => index + 1);

export async function prove(world: World, callers: Callers, accountKey: string, sql: SqlStorage) {
  const closed = await expectPeriods(world, accountKey);
  await expectLog(world, callers, accountKey);
  const invoices = await expectInvoices(world, callers, accountKey, closed);
  await expectAdjustments(callers, accountKey, invoices);
  await expectAudit(callers, accountKey, sql);
  await expectNotices(world, accountKey, invoices.length);
  expect(sql.exec("SELECT * FROM outbox").toArray()).toEqual([]);
}

async function viewOf(world: World) {
  const view = await world.account.view(CONTEXT);
  if (view.kind !== "view") throw new Error(view.kind);
  return view;
}

/** The closed periods follow each other up to the running one, and every side of the proof agrees. */
async function expectPeriods(world: World, accountKey: string): Promise<readonly ClosedPeriod[]> {
  const reconciliation = await reconcileAccount(world.env, accountKey, CONTEXT);
  if (reconciliation.kind !== "reconciled") throw new Error(reconciliation.kind);
  expect(reconciliation).toMatchObject({ mismatches: [], ok: true, unshipped: 0 });

  const { balance } = await viewOf(world);
  const stored = await rows<{ figures: string }>(
    "SELECT figures FROM periods WHERE account_key = ? ORDER BY start_ms",
    accountKey,
  );
  const closed = stored.map(({ figures }) => JSON.parse(figures) as ClosedPeriod);
  const starts = [...closed.slice(1).map(({ startMs }) => startMs), balance.periodStartMs];
  expect(closed.map(({ endMs }) => endMs)).toEqual(starts);
  expect(
    await rows("SELECT period_ends_at_ms AS ends FROM accounts WHERE account_key = ?", accountKey),
  ).toEqual([{ ends: balance.resetAtMs }]);

  const used = [...closed.map(({ usedMicros }) => usedMicros), balance.usedMicros];
  expect(sum(reconciliation.periods.map(({ usedMicros }) => usedMicros))).toBe(sum(used));
  return closed;
}

/** Every entry that a caller was told of, and no other, with the credits that were told. */
async function expectLog(world: World, callers: Callers, accountKey: string): Promise<void> {
  const entries = await rows<{ seq: number; id: string; credits: number }>(
    `SELECT seq, event_id AS id, credits_micros AS credits FROM usage_entries WHERE account_key = ? ORDER BY seq`,
    accountKey,
  );
  expect(entries.map(({ seq }) => seq)).toEqual(counted((await viewOf(world)).lastSeq));
  const told = [
    ...[...callers.booked.values()].map(({ id, creditsMicros }) => [id, creditsMicros] as const),
    ...[...callers.amended].map(([id, { countsMicros }]) => [id, countsMicros] as const),
  ];
  expect(entries.map(({ id, credits }) => [id, credits]).sort()).toEqual(told.sort());
}

/** Numbers without gaps; what the packs of a period cost and its overage are what its documents say. */
async function expectInvoices(
  world: World,
  callers: Callers,
  accountKey: string,
  closed: readonly ClosedPeriod[],
): Promise<readonly InvoiceRow[]> {
  const stored = await rows<Omit<InvoiceRow, "document"> & { document: string }>(
    "SELECT number, source, document FROM invoices WHERE account_key = ? ORDER BY number",
    accountKey,
  );
  const invoices = stored.map((row) => ({ ...row, document: JSON.parse(row.document) as InvoiceDocument }));
  expect(invoices.map(({ number }) => number)).toEqual(counted(invoices.length));

  const { balance } = await viewOf(world);
  const packsOf = (startMs: number) =>
    sum(
      invoices
        .filter(({ document }) => document.period.startMs === startMs)
        .flatMap(({ document }) => document.lines)
        .map(({ unit, amountMinor }) => (unit === "packs" ? amountMinor : 0)),
    );
  expect(closed.map(({ startMs }) => packsOf(startMs))).toEqual(
    closed.map(({ packsAmountMinor }) => packsAmountMinor),
  );
  expect(packsOf(balance.periodStartMs)).toBe(balance.packsAmount.amountMinor);

  const overages = invoices.filter(({ document }) => document.kind === "overage");
  expect(overages.map(({ source, document }) => [source, document.lines[0]?.amountMinor])).toEqual(
    closed
      .map((period) => [`overage:${period.startMs}`, overageAmountMinor(period)] as const)
      .filter(([, amountMinor]) => amountMinor > 0),
  );

  const bought = callers.followed.filter(({ action }) => action === "pack_bought");
  const charges = invoices.filter(({ document }) => document.kind === "packs");
  const purchases = charges.filter(({ document }) => document.cause === "purchase");
  expect(purchases.map(({ source }) => source).sort()).toEqual(
    bought.map(({ target }) => `purchase:${target}`).sort(),
  );
  const upgrades = charges.filter(({ document }) => document.cause === "upgrade");
  const added = [...callers.booked.values()].map(({ upgrade }) => upgrade?.packs ?? 0);
  const charged = upgrades.flatMap(({ document }) => document.lines).filter(({ unit }) => unit === "packs");
  expect(sum(charged.map(({ quantityMicros }) => quantityMicros))).toBe(sum(added) * 1_000_000);
  return invoices;
}

/** Each correction of a closed period is granted as its caller was told; what was taken stands on documents. */
async function expectAdjustments(
  callers: Callers,
  accountKey: string,
  invoices: readonly InvoiceRow[],
): Promise<void> {
  const adjustments = await rows<{ source: string; granted: number; taken: number }>(
    `SELECT source, granted_minor AS granted, granted_minor - open_minor - dropped_minor AS taken
       FROM adjustments WHERE account_key = ?`,
    accountKey,
  );
  const owed = [...callers.amended].flatMap(([id, { owedMinor }]) =>
    owedMinor === null ? [] : [[id, owedMinor]],
  );
  expect(adjustments.map(({ source, granted }) => [source, granted]).sort()).toEqual(owed.sort());
  const lines = invoices.flatMap(({ document }) => document.lines);
  for (const { source, taken } of adjustments) {
    const own = lines.filter(({ adjustment }) => adjustment === source);
    expect(sum(own.map(({ amountMinor }) => 0 - amountMinor))).toBe(taken);
  }
}

/** Records are numbered without gaps and there once; what was followed is among them, by whom. */
async function expectAudit(callers: Callers, accountKey: string, sql: SqlStorage): Promise<void> {
  const records = await rows<{ id: string; action: string; target: string; actor: string }>(
    "SELECT audit_id AS id, action, target, actor FROM audit WHERE account_key = ? ORDER BY audit_id",
    accountKey,
  );
  const { state }: Checkpoint = JSON.parse(
    sql.exec<{ body: string }>("SELECT body FROM checkpoint").one().body,
  );
  expect(records.map(({ id }) => Number(id.slice(1)))).toEqual(counted(state.issued.audit));
  const actions = new Set(callers.followed.map(({ action }) => action));
  const followed = records.filter(({ action }) => actions.has(action));
  expect(followed.map(({ action, target }) => `${action} ${target}`).sort()).toEqual(
    callers.followed.map(({ action, target }) => `${action} ${target}`).sort(),
  );
  expect(new Set(followed.map(({ actor }) => actor))).toEqual(new Set(followed.length === 0 ? [] : ["ada"]));
  const upgrades = [...callers.booked.values()].filter(({ upgrade }) => upgrade !== undefined);
  expect(records.filter(({ action }) => action === "automatic_upgrade")).toHaveLength(upgrades.length);
}

/** Every notice that went out is kept, the account's own without gaps, and one per document. */
async function expectNotices(world: World, accountKey: string, invoices: number): Promise<void> {
  const notices = await rows<{ id: string }>(
    "SELECT notification_id AS id FROM notifications WHERE account_key = ?",
    accountKey,
  );
  expect(notices.map(({ id }) => id).sort()).toEqual([...world.told.keys()].sort());
  const numbers = notices.flatMap(({ id }) => id.match(/(?<=notice\/)\d+/)?.map(Number) ?? []);
  expect(numbers.sort((a, b) => a - b)).toEqual(counted(numbers.length));
  expect(notices.length - numbers.length).toBe(invoices);
}
