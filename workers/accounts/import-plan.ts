/** From the rows of a file to a command and a key each, account by account (rules, section 11). Pure. */

import { PACK_PRICE_MINOR_MAX } from "../../shared/api/catalog.ts";
import type { ConversionRow, FileRow } from "../../shared/api/conversion-file.ts";
import type { ImportedRow } from "../../shared/api/conversions.ts";
import { type ConversionTable, DEFAULT_EDITION, lookUpSize } from "../../shared/credits/conversion-tables.ts";
import type { AccountCommand } from "../../shared/credits/execute.ts";
import { currencyDecimals, type Money, minorOf } from "../../shared/credits/money.ts";
import { localDayStartMs } from "../../shared/credits/period.ts";
import type { Terms } from "../../shared/credits/state.ts";
import { numberText } from "../../shared/text.ts";
import { lookUpText } from "./conversions.ts";

type Convert = Extract<AccountCommand, { readonly kind: "convert" }>;
type Agreed = Pick<Terms, "currency" | "timeZone">;

/** A row on its way to its account. */
export interface PlannedRow {
  readonly row: FileRow;
  readonly command: Convert;
  /** The same however often the file is sent. */
  readonly idempotencyKey: string;
}

export interface ImportPlan {
  /** In the order of the file. */
  readonly accounts: ReadonlyMap<string, readonly PlannedRow[]>;
  readonly refused: readonly ImportedRow[];
}

/** `agreed`: what the accounts that exist have agreed on, by id. */
export function planImport(
  rows: readonly FileRow[],
  agreed: ReadonlyMap<string, Agreed>,
  tables: readonly ConversionTable[],
): ImportPlan {
  const accounts = new Map<string, PlannedRow[]>();
  const refused: ImportedRow[] = [];
  for (const row of rows) {
    const { account, reference, read } = row;
    if (read.kind === "bad_row") {
      refused.push(refusedRow(row, read.message));
      continue;
    }
    const command = commandOf(read.row, agreed.get(account), tables);
    if (typeof command === "string") {
      refused.push(refusedRow(row, command));
      continue;
    }
    const planned = accounts.get(account) ?? [];
    const idempotencyKey = keyOf(reference, read.row, command.price, planned);
    accounts.set(account, [...planned, { row, command, idempotencyKey }]);
  }
  return { accounts, refused };
}

export function refusedRow({ line, account, reference }: FileRow, message: string): ImportedRow {
  return { line, account, reference, status: "refused", credits: null, message };
}

/** The command, or what is wrong with the row: the column, and the way out. */
function commandOf(
  row: ConversionRow,
  terms: Agreed | undefined,
  tables: readonly ConversionTable[],
): Convert | string {
  if (terms === undefined) return `account: no account "${row.account}" in this mode; create it first`;
  const looked = lookUpSize(tables, row.edition, row.size);
  if (looked.kind !== "found") {
    const { field, message } = lookUpText(looked);
    return `${field}: ${message}`;
  }
  const price = priceOf(row, terms.currency);
  if (typeof price === "string") return price;
  return {
    kind: "convert",
    size: row.size,
    quantity: row.quantity,
    creditsMicros: looked.creditsMicros,
    price,
    termPeriods: row.termPeriods,
    effectiveAtMs: effectiveAtMs(row, terms.timeZone),
  };
}

function priceOf(row: ConversionRow, accountCurrency: string): Money | string {
  const currency = row.currency ?? accountCurrency;
  if (currency !== accountCurrency) return `currency: must be ${accountCurrency}, the account's currency`;
  const amountMinor = minorOf(row.price ?? "0", currency);
  if (amountMinor === null) return `price: ${currency} has ${currencyDecimals(currency)} decimals`;
  if (amountMinor > PACK_PRICE_MINOR_MAX) {
    return `price: must be at most ${numberText(PACK_PRICE_MINOR_MAX)} minor units`;
  }
  return { amountMinor, currency };
}

/** A date is the local midnight at which it begins. */
function effectiveAtMs({ effectiveAt }: ConversionRow, timeZone: string): number | null {
  if (effectiveAt === null) return null;
  return "date" in effectiveAt ? localDayStartMs(effectiveAt.date, timeZone) : effectiveAt.atMs;
}

/** By the row's reference; without one by its content and how often that stood in the file before, account by account. */
function keyOf(
  reference: string | null,
  row: ConversionRow,
  price: Money,
  before: readonly PlannedRow[],
): string {
  if (reference !== null) return `import:reference:${reference}`;
  // What the file says, not what it comes to: table and time zone may have changed since.
  const { size, quantity, edition, termPeriods, effectiveAt } = row;
  const content = [size, quantity, edition ?? DEFAULT_EDITION, price, termPeriods, effectiveAt];
  const name = `import:row:${JSON.stringify(content)}`;
  const same = before.filter(({ idempotencyKey }) => idempotencyKey.startsWith(`${name}#`));
  return `${name}#${same.length + 1}`;
}
