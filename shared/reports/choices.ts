/**
 * Which choice is cheapest for the use of a period (rules, 10.6): stay, so many packs, pay as you go. Of each period as
 * it was used, and of the running one as it is projected; every option with its arithmetic and what it leaves uncovered.
 */
import type { PackCharge } from "../credits/billing-facts.ts";
import { type CatalogPack, packPrice, upgradePack } from "../credits/catalog.ts";
import {
  type Choice,
  type ChoiceOption,
  type ChoiceTerms,
  limitOf,
  optionOf,
  overageLines,
  packLineOf,
  roomFor,
} from "./choice-cost.ts";
import type { ForecastRange } from "./forecast-path.ts";

/** Why pay as you go by itself cannot be chosen: packs come first (5.1), or there is no price. */
export type PayAsYouGoRefusal = "packs_required" | "overage_price_missing";

export interface Choices {
  /** The use that is to be covered. */
  readonly neededMicros: number;
  /** Stay, pay as you go, then packs in the catalogue's order. */
  readonly options: readonly ChoiceOption[];
  /** Of those that cover the use, of equal ones the first; null where none does. */
  readonly cheapest: ChoiceOption | null;
  readonly payAsYouGoRefused: PayAsYouGoRefusal | null;
}

/** What a closed period came to. */
export interface PastUse {
  readonly usedMicros: number;
  /** Packs that were bought or added in the period, beside the committed ones. */
  readonly addedPacks: readonly { readonly part: "bought" | "automatic"; readonly charge: PackCharge }[];
  /** Overage as it was billed, in whole increments. */
  readonly billedMicros: number;
  /** Uses that were denied for want of credits, automatic packs or maximum. */
  readonly denials: number;
}

/** A closed period as it was used: staying is what it cost, the others what they would have cost. */
export function pastChoices(terms: ChoiceTerms, past: PastUse): Choices {
  const { usedMicros, addedPacks, billedMicros, denials } = past;
  const stay = optionOf(
    terms,
    { kind: "stay", setting: terms.setting },
    [...addedPacks.map(({ part, charge }) => packLineOf(part, charge)), ...overageLines(terms, billedMicros)],
    {
      addedMicros: addedPacks.reduce((sum, { charge }) => sum + charge.creditsMicros * charge.quantity, 0),
      uncoveredMicros: 0,
      denials,
    },
  );
  return compare(terms, usedMicros, stay);
}

/** The running period as it is projected, one comparison for each figure of the range. */
export function projectedChoices(
  terms: ChoiceTerms,
  { lowMicros, expectedMicros, highMicros }: ForecastRange,
  overdraftMicros: number,
): Readonly<Record<"low" | "expected" | "high", Choices>> {
  const of = (usedMicros: number) => choicesFor(terms, usedMicros, overdraftMicros);
  return { low: of(lowMicros), expected: of(expectedMicros), high: of(highMicros) };
}

/** A use of which so much is booked as overdraft already: that is never invoiced, whatever is chosen (3.2). */
export function choicesFor(terms: ChoiceTerms, usedMicros: number, overdraftMicros: number): Choices {
  const neededMicros = Math.max(0, usedMicros - overdraftMicros);
  return compare(terms, neededMicros, stayFor(terms, neededMicros));
}

function compare(terms: ChoiceTerms, neededMicros: number, stay: ChoiceOption): Choices {
  const payAsYouGoRefused = payAsYouGoRefusal(terms);
  const offered = payAsYouGoRefused === null && terms.setting !== "pay_as_you_go";
  const options = [
    stay,
    ...(offered ? [changed(terms, { kind: "pay_as_you_go" }, null, neededMicros)] : []),
    ...terms.catalog.packs.flatMap((pack) => packOptions(terms, pack, neededMicros)),
  ];
  let cheapest: ChoiceOption | null = null;
  for (const option of options) {
    if (!option.covers) continue;
    if (cheapest === null || option.total.amountMinor < cheapest.total.amountMinor) cheapest = option;
  }
  return { neededMicros, options, cheapest, payAsYouGoRefused };
}

function payAsYouGoRefusal({ committedPacks, overagePrice }: ChoiceTerms): PayAsYouGoRefusal | null {
  if (overagePrice === null) return "overage_price_missing";
  return committedPacks.length === 0 ? "packs_required" : null;
}

/** Nothing is changed: what the setting does at the limit (5.1, 5.4, 5.5), as far as the maximum lets it (5.8). */
function stayFor(terms: ChoiceTerms, neededMicros: number): ChoiceOption {
  const { setting } = terms;
  const limit = limitOf(terms);
  const wanted = Math.min(neededMicros, terms.maximumMicros ?? neededMicros);
  const choice: Choice = { kind: "stay", setting };
  switch (setting) {
    case "pause": {
      const uncoveredMicros = neededMicros - Math.min(wanted, limit);
      return optionOf(terms, choice, [], { addedMicros: 0, uncoveredMicros });
    }
    case "pay_as_you_go": {
      const uncoveredMicros = neededMicros - wanted;
      return optionOf(terms, choice, overageLines(terms, wanted - limit), {
        addedMicros: 0,
        uncoveredMicros,
      });
    }
    case "auto_upgrade": {
      const added = automaticPacks(terms, wanted);
      const addedMicros = added === null ? 0 : added.creditsMicros * added.quantity;
      const lines = added === null ? [] : [packLineOf("automatic", added)];
      const uncoveredMicros = neededMicros - Math.min(wanted, limit + addedMicros);
      return optionOf(terms, choice, lines, { addedMicros, uncoveredMicros });
    }
  }
}

/** The fewest upgrade packs that cover the use, at most so many as may be added; null for none (5.4). */
function automaticPacks(terms: ChoiceTerms, wantedMicros: number): PackCharge | null {
  const pack = upgradePack(terms.catalog, terms.currency);
  const limit = limitOf(terms);
  if (pack === null || wantedMicros <= limit) return null;
  const max = terms.automaticPacksLeft ?? Math.max(1, Math.ceil(limit / pack.creditsMicros));
  const needed = Math.ceil((wantedMicros - limit) / pack.creditsMicros);
  const quantity = Math.min(needed, max, roomFor(pack, limit));
  return quantity > 0 ? { ...pack, quantity } : null;
}

/** Of more counts than twice this the first and the last so many are listed: between them cost is a straight line. */
const COUNTS_LISTED = 12;

/** So many of one pack, up to what covers the use: with what is above them stopped, and with it billed. */
function packOptions(terms: ChoiceTerms, pack: CatalogPack, neededMicros: number): readonly ChoiceOption[] {
  const price = packPrice(pack, terms.currency);
  const limit = limitOf(terms);
  if (price === null || neededMicros <= limit) return [];
  const covering = Math.ceil((neededMicros - limit) / pack.creditsMicros);
  return countsUpTo(covering)
    .filter((quantity) => quantity <= roomFor(pack, limit))
    .flatMap((quantity) => {
      const charge: PackCharge = { ...pack, quantity, price };
      const choice = { kind: "packs", pack: pack.pack, packs: quantity } as const;
      const stopped = changed(terms, { ...choice, beyond: "pause" }, charge, neededMicros);
      if (quantity === covering || terms.overagePrice === null) return [stopped];
      return [stopped, changed(terms, { ...choice, beyond: "pay_as_you_go" }, charge, neededMicros)];
    });
}

function countsUpTo(last: number): readonly number[] {
  const listed = Math.min(last, 2 * COUNTS_LISTED);
  const left = last - listed;
  return Array.from({ length: listed }, (_, index) => index + 1 + (index < COUNTS_LISTED ? 0 : left));
}

/** Bought packs raise the limit, and the maximum where the limit is then above it (5.9). */
function changed(
  terms: ChoiceTerms,
  choice: Exclude<Choice, { kind: "stay" }>,
  bought: PackCharge | null,
  neededMicros: number,
): ChoiceOption {
  const addedMicros = bought === null ? 0 : bought.creditsMicros * bought.quantity;
  const limit = limitOf(terms) + addedMicros;
  const raised = bought === null ? 0 : limit;
  const ceilings = [
    ...(terms.maximumMicros === null ? [] : [Math.max(terms.maximumMicros, raised)]),
    ...(choice.kind === "packs" && choice.beyond === "pause" ? [limit] : []),
  ];
  const coveredMicros = Math.min(neededMicros, ...ceilings);
  const lines = [
    ...(bought === null ? [] : [packLineOf("bought", bought)]),
    ...overageLines(terms, coveredMicros - limit),
  ];
  return optionOf(terms, choice, lines, { addedMicros, uncoveredMicros: neededMicros - coveredMicros });
}
