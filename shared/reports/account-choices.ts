/**
 * The choices of an account (rules, 10.6) from what is known of it: of the running period from its balance, of a closed
 * one from its figures and the packs that the account still owns.
 */
import type { Balance } from "../credits/balance.ts";
import type { PackCharge } from "../credits/billing-facts.ts";
import type { Catalog } from "../credits/catalog.ts";
import type { ClosedPeriod } from "../credits/reset.ts";
import { type OwnedPack, packsAmountMinor, packsMicros } from "../credits/state.ts";
import { packCharge } from "../credits/upgrade.ts";
import type { ChoiceTerms } from "./choice-cost.ts";
import { type Choices, pastChoices } from "./choices.ts";

/** The running period; every pack that is owned stays for the rest of the term, whatever is chosen. */
export function runningTerms(balance: Balance, catalog: Catalog): ChoiceTerms {
  return {
    currency: balance.currency,
    includedMicros: balance.includedMicros + balance.grantsMicros,
    committedPacks: chargesOf(balance.packs),
    setting: balance.setting,
    maximumMicros: balance.maximumMicros,
    overagePrice: balance.overagePrice,
    automaticPacksLeft: balance.automaticPacksLeft,
    catalog,
  };
}

/**
 * A closed period at today's prices of packs and its own price of overage; its maximum is not known any more and left
 * out. null where the packs of the period are not known any more: the term has ended since.
 * @param owned packs that the account owns now
 */
export function choicesOfClosed(
  closed: ClosedPeriod,
  owned: readonly OwnedPack[],
  catalog: Catalog,
  denials: number,
): Choices | null {
  const packs = owned.filter(({ period }) => period <= closed.period);
  const includedMicros = closed.limitMicros - packsMicros(packs);
  if (packsAmountMinor(packs) !== closed.packsAmountMinor || includedMicros < 0) return null;
  const isAdded = ({ period, source }: OwnedPack) => period === closed.period && source !== "conversion";
  const added = packs.filter(isAdded);
  const addedAs = (part: "bought" | "automatic", source: OwnedPack["source"]) =>
    chargesOf(added.filter((pack) => pack.source === source)).map((charge) => ({ part, charge }));
  return pastChoices(
    {
      currency: closed.currency,
      includedMicros,
      committedPacks: chargesOf(packs.filter((pack) => !isAdded(pack))),
      setting: closed.setting,
      maximumMicros: null,
      overagePrice: closed.overagePrice,
      automaticPacksLeft: null,
      catalog,
    },
    {
      usedMicros: closed.usedMicros,
      addedPacks: [...addedAs("bought", "purchase"), ...addedAs("automatic", "automatic")],
      billedMicros: closed.billedMicros,
      denials,
    },
  );
}

/** Packs of one kind and price as one charge: those added day by day would be many lines. */
function chargesOf(packs: readonly OwnedPack[]): readonly PackCharge[] {
  const charges = new Map<string, PackCharge>();
  for (const pack of packs) {
    const charge = packCharge(pack);
    const key = JSON.stringify([charge.pack, charge.creditsMicros, charge.price.amountMinor]);
    const before = charges.get(key)?.quantity ?? 0;
    charges.set(key, { ...charge, quantity: before + charge.quantity });
  }
  return [...charges.values()];
}
