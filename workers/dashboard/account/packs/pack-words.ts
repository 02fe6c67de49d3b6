/** What the pages of packs say in the same words, and their addresses. */
import type { OwnedPack, OwnedPacks } from "../../../../shared/client/types.ts";
import type { Format } from "../../format.ts";

export const SOURCES: Readonly<Record<OwnedPack["source"], string>> = {
  purchase: "bought",
  automatic: "added automatically",
  conversion: "converted",
};

type Term = NonNullable<OwnedPacks["term"]>;

export function termText({ period, periods }: Term, format: Format): string {
  return `month ${format.count(period)} of ${format.count(periods)}`;
}

/** What becomes of a pack when the term ends. */
export function renewalText({ source, renewal, pack, quantity }: OwnedPack, format: Format): string {
  if (source !== "purchase" || renewal.quantity === 0) return "Ends";
  if (renewal.pack === pack && renewal.quantity === quantity) return "Renews";
  return `Renews as ${format.count(renewal.quantity)} × ${renewal.name}`;
}
