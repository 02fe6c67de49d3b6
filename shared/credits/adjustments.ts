/**
 * Adjustments (rules, section 3.8): what billing owes an account, or takes back from it, on its next invoice of any
 * kind. granted = open + dropped + what lines of documents took; nothing is lost and nothing is given twice.
 */
import { creditsText, dayText } from "../text.ts";
import { MICROS_PER_UNIT } from "./amounts.ts";
import type { InvoiceLine } from "./invoice.ts";
import { majorUnits } from "./money.ts";

export interface Adjustment {
  /** Names it within the account: the correction, "cor_12", or the void that takes credits back, "void:inv_…". */
  readonly source: string;
  readonly atMs: number;
  /** The closed period whose usage was corrected. */
  readonly periodStartMs: number;
  readonly period: string;
  /** null: it takes back what was granted before. */
  readonly eventId: string | null;
  readonly correctedMicros: number;
  /** Above 0: owed to the account. Below 0: taken back from it. 0: the correction changed no amount. */
  readonly grantedMinor: number;
  /** What no document has taken yet; of the same sign. */
  readonly openMinor: number;
  /** What will never be taken, because the invoice that it corrects was voided. */
  readonly droppedMinor: number;
  /** The overage invoice that it corrects. */
  readonly correctsInvoiceId: string | null;
}

export interface Taken {
  readonly adjustments: readonly Adjustment[];
  readonly lines: readonly InvoiceLine[];
}

/**
 * What a new invoice takes: all that is taken back from the account, then what is owed to it, oldest first, never
 * more than the invoice has. The rest is carried on.
 */
export function takeAdjustments(
  adjustments: readonly Adjustment[],
  subtotalMinor: number,
  currency: string,
): Taken {
  const oldestFirst = adjustments.toSorted((a, b) => a.atMs - b.atMs);
  const debits = oldestFirst.filter(({ openMinor }) => openMinor < 0);
  const credits = oldestFirst.filter(({ openMinor }) => openMinor > 0);
  const parts = new Map(debits.map(({ source, openMinor }) => [source, openMinor]));
  let room = debits.reduce((sum, { openMinor }) => sum - openMinor, subtotalMinor);
  for (const { source, openMinor } of credits) {
    const part = Math.min(openMinor, room);
    room -= part;
    if (part > 0) parts.set(source, part);
  }
  return takeParts(adjustments, parts, currency);
}

/** All that is open, whatever its sum: for the last document of a closed account. */
export function takeAllAdjustments(adjustments: readonly Adjustment[], currency: string): Taken {
  const open = adjustments.filter(({ openMinor }) => openMinor !== 0);
  return takeParts(adjustments, new Map(open.map(({ source, openMinor }) => [source, openMinor])), currency);
}

function takeParts(
  adjustments: readonly Adjustment[],
  parts: ReadonlyMap<string, number>,
  currency: string,
): Taken {
  const lines: InvoiceLine[] = [];
  const after = adjustments.map((adjustment) => {
    const part = parts.get(adjustment.source);
    if (part === undefined) return adjustment;
    lines.push(adjustmentLine(adjustment, part, currency));
    return { ...adjustment, openMinor: adjustment.openMinor - part };
  });
  return { adjustments: after, lines };
}

function adjustmentLine(adjustment: Adjustment, partMinor: number, currency: string): InvoiceLine {
  const { source, grantedMinor, openMinor } = adjustment;
  const isPart = partMinor !== grantedMinor;
  const rest = openMinor - partMinor;
  const before = isPart ? `, part of ${majorUnits({ amountMinor: Math.abs(grantedMinor), currency })}` : "";
  const after = rest === 0 ? "" : `; ${majorUnits({ amountMinor: Math.abs(rest), currency })} is carried on`;
  return {
    description: `${whatFor(adjustment)}${before}${after}`,
    unit: "adjustment",
    quantityMicros: MICROS_PER_UNIT,
    unitPrice: majorUnits({ amountMinor: 0 - partMinor, currency }),
    amountMinor: 0 - partMinor,
    adjustment: source,
  };
}

/** What an adjustment is for, for people. */
export function whatFor({ eventId, correctedMicros, period }: Adjustment): string {
  return eventId === null
    ? `Credits for the period from ${dayText(period)} taken back, because its invoice was voided`
    : `Corrected usage in the period from ${dayText(period)}: ${creditsText(correctedMicros)} credits of event ${eventId}`;
}

/**
 * What a voided invoice gives back of the adjustments it had taken: what was taken back from the account, and what
 * was owed to it as far as `roomMinor` goes. Lines are those of the credit note.
 */
export function giveBack(
  adjustments: readonly Adjustment[],
  taken: readonly InvoiceLine[],
  roomMinor: number,
  currency: string,
): Taken {
  const lines: InvoiceLine[] = [];
  const parts = new Map<string, number>();
  let room = roomMinor;
  for (const line of taken) {
    if (line.adjustment === undefined) continue;
    const owed = 0 - line.amountMinor;
    const part = owed > 0 ? Math.min(owed, room) : owed;
    if (owed > 0) room -= part;
    if (part === 0) continue;
    parts.set(line.adjustment, (parts.get(line.adjustment) ?? 0) + part);
    lines.push(backLine(line, part, currency));
  }
  const after = adjustments.map((adjustment) => {
    const part = parts.get(adjustment.source);
    return part === undefined ? adjustment : { ...adjustment, openMinor: adjustment.openMinor + part };
  });
  return { adjustments: after, lines };
}

function backLine(line: InvoiceLine, partMinor: number, currency: string): InvoiceLine {
  if (partMinor === 0 - line.amountMinor) return negated(line);
  const unitPrice = majorUnits({ amountMinor: partMinor, currency });
  return { ...line, description: `${line.description} (in part)`, unitPrice, amountMinor: partMinor };
}

/** The line as a credit note takes it back. */
export function negated(line: InvoiceLine): InvoiceLine {
  return { ...line, quantityMicros: 0 - line.quantityMicros, amountMinor: 0 - line.amountMinor };
}

/** Parts of adjustments that a correction of a voided invoice granted: dropped while open, taken back where taken. */
export function undoGranted(
  adjustments: readonly Adjustment[],
  invoiceId: string,
  atMs: number,
): readonly Adjustment[] {
  const granted = adjustments.filter(({ correctsInvoiceId }) => correctsInvoiceId === invoiceId);
  const [first] = granted;
  if (first === undefined) return adjustments;
  const takenMinor = granted.reduce(
    (sum, { grantedMinor, openMinor, droppedMinor }) => sum + grantedMinor - openMinor - droppedMinor,
    0,
  );
  const after = adjustments.map((adjustment) => {
    if (adjustment.correctsInvoiceId !== invoiceId) return adjustment;
    const { openMinor, droppedMinor } = adjustment;
    return { ...adjustment, openMinor: 0, droppedMinor: droppedMinor + openMinor };
  });
  if (takenMinor === 0) return after;
  const { periodStartMs, period } = first;
  const back: Adjustment = {
    source: `void:${invoiceId}`,
    atMs,
    periodStartMs,
    period,
    eventId: null,
    correctedMicros: 0,
    grantedMinor: 0 - takenMinor,
    openMinor: 0 - takenMinor,
    droppedMinor: 0,
    correctsInvoiceId: null,
  };
  return [...after, back];
}

/** Net sum of what is open: above 0 owed to the account. */
export function openMinorOf(adjustments: readonly Adjustment[]): number {
  return adjustments.reduce((sum, { openMinor }) => sum + openMinor, 0);
}
