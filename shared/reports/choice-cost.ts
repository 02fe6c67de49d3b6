/**
 * What an option costs a usage period (rules, 5.3, 7.1 and 7.2): the packs that are committed, those of the option, and
 * overage in whole increments, each a line as the invoice will have it.
 */
import { CREDITS_MICROS_MAX } from "../credits/amounts.ts";
import type { PackCharge } from "../credits/billing-facts.ts";
import type { Catalog, CatalogPack } from "../credits/catalog.ts";
import { type InvoiceLine, sumMinor } from "../credits/invoice.ts";
import type { Money } from "../credits/money.ts";
import { overageAmountMinor } from "../credits/overage-invoice.ts";
import { packLine } from "../credits/pack-invoice.ts";
import { wholeIncrementsMicros } from "../credits/reset.ts";
import type { OverageSetting } from "../credits/state.ts";

/** The account in the period that is asked about. */
export interface ChoiceTerms {
  readonly currency: string;
  /** Included credits and the period's grants. */
  readonly includedMicros: number;
  /** Packs of the running term: no option can do without them before it ends (5.3). */
  readonly committedPacks: readonly PackCharge[];
  readonly setting: OverageSetting;
  readonly maximumMicros: number | null;
  /** Price per credit of the period's overage; null where none is agreed. */
  readonly overagePrice: string | null;
  /** Packs that may be added automatically, besides the committed ones; null: what doubles the limit (5.4). */
  readonly automaticPacksLeft: number | null;
  readonly catalog: Catalog;
}

export type Choice =
  | { readonly kind: "stay"; readonly setting: OverageSetting }
  | { readonly kind: "pay_as_you_go" }
  | {
      readonly kind: "packs";
      readonly pack: string;
      readonly packs: number;
      /** What becomes of use above the limit with these packs; where they cover everything it does not matter. */
      readonly beyond: "pause" | "pay_as_you_go";
    };

/** Quantity × unit price = amount, as the invoice will say. */
export type CostLine = Pick<InvoiceLine, "unit" | "quantityMicros" | "unitPrice" | "amountMinor" | "pack"> & {
  readonly part: "committed" | "bought" | "automatic" | "overage";
};

export interface ChoiceOption {
  readonly choice: Choice;
  readonly lines: readonly CostLine[];
  /** Of the lines, for one period and before tax. */
  readonly total: Money;
  /** With the packs of this option. */
  readonly limitMicros: number;
  /** Credits that could not be used: they would be denied, or be overdraft where a record books them. */
  readonly uncoveredMicros: number;
  /** Uses that were denied, whose credits nobody knows. */
  readonly denials: number;
  /** Nothing is uncovered. */
  readonly covers: boolean;
  /** It adds packs, which stay for the rest of the term. */
  readonly commits: boolean;
}

/** What an option comes to besides its cost. */
export interface OptionResult {
  /** Credits of its packs. */
  readonly addedMicros: number;
  readonly uncoveredMicros: number;
  readonly denials?: number;
}

/** The option, with the committed packs that every one has. */
export function optionOf(
  terms: ChoiceTerms,
  choice: Choice,
  ownLines: readonly CostLine[],
  { addedMicros, uncoveredMicros, denials = 0 }: OptionResult,
): ChoiceOption {
  const committed = terms.committedPacks.map((charge) => packLineOf("committed", charge));
  const lines = [...committed, ...ownLines];
  return {
    choice,
    lines,
    total: { amountMinor: sumMinor(lines), currency: terms.currency },
    limitMicros: limitOf(terms) + addedMicros,
    uncoveredMicros,
    denials,
    covers: uncoveredMicros === 0 && denials === 0,
    commits: ownLines.some(({ unit }) => unit === "packs"),
  };
}

/** The limit before any option. */
export function limitOf({ includedMicros, committedPacks }: ChoiceTerms): number {
  return committedPacks.reduce((sum, pack) => sum + pack.creditsMicros * pack.quantity, includedMicros);
}

/** How many packs fit before the limit is more than can be counted (section 1). */
export function roomFor(pack: CatalogPack, limitMicros: number): number {
  return Math.floor((CREDITS_MICROS_MAX - limitMicros) / pack.creditsMicros);
}

export function packLineOf(part: CostLine["part"], charge: PackCharge): CostLine {
  const { description: _, ...line } = packLine(charge);
  return { part, ...line };
}

/** Overage of so many credits above the limit, in whole increments (7.1); none where there is nothing to bill. */
export function overageLines(
  { overagePrice, currency }: ChoiceTerms,
  billableMicros: number,
): readonly CostLine[] {
  const billedMicros = wholeIncrementsMicros(Math.max(0, billableMicros));
  if (overagePrice === null || billedMicros === 0) return [];
  const amountMinor = overageAmountMinor({ billedMicros, overagePrice, currency });
  return [
    { part: "overage", unit: "credits", quantityMicros: billedMicros, unitPrice: overagePrice, amountMinor },
  ];
}
