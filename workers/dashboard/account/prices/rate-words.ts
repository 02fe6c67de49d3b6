/** Prices in words: what an action costs, and what changes ahead (rules, 8.2, 8.3 and 8.6). Pure. */
import type { PriceList } from "../../../../shared/client/types.ts";
import type { Format } from "../../format.ts";

export type ListedFeature = PriceList["features"][number];
export type ChangeAhead = PriceList["changes"][number];
export type PriceChange = ChangeAhead["changes"][number];

export interface Price {
  readonly credits: number;
  readonly per: number;
  readonly blocks: boolean;
}

/** "5 credits each", "1 credit per 1,000", "20 credits per started 10,000". */
export function priceText({ credits, per, blocks }: Price, format: Format): string {
  return `${amountText(credits, format)} ${perText({ per, blocks }, format)}`;
}

/** What the credits are for: "each", "per 1,000", "per started 10,000". */
export function perText({ per, blocks }: Pick<Price, "per" | "blocks">, format: Format): string {
  if (blocks) return per === 1 ? "per started unit" : `per started ${format.creditsExact(per)}`;
  return per === 1 ? "each" : `per ${format.creditsExact(per)}`;
}

function amountText(credits: number, format: Format): string {
  return `${format.creditsExact(credits)} ${credits === 1 ? "credit" : "credits"}`;
}

/** A feature's prices on one line, for lists: "10 credits each", "3 prices, from 1 credit per 1,000". */
export function pricesInShort({ beta, actions }: ListedFeature, format: Format): string {
  if (beta) return "Free while in beta";
  const [cheapest] = actions.toSorted((a, b) => a.credits / a.per - b.credits / b.per);
  if (cheapest === undefined) return "–";
  const text = priceText(cheapest, format);
  return actions.length === 1 ? text : `${actions.length} prices, from ${text}`;
}

/** The names of actions, for reports that know their ids only. */
export type ActionNames = (feature: string | undefined, action: string) => string;

export function actionNames({ features }: PriceList): ActionNames {
  const names = new Map(
    features.flatMap(({ feature, actions }) =>
      actions.map(({ action, name }) => [JSON.stringify([feature, action]), name]),
    ),
  );
  return (feature, action) => names.get(JSON.stringify([feature, action])) ?? action;
}

/** One change in words; `features` are those of the price list in force, which knows the names. */
export function changeText(
  change: PriceChange,
  features: readonly ListedFeature[],
  format: Format,
): { readonly feature: string; readonly action: string | undefined; readonly how: string } {
  const feature = features.find((known) => known.feature === change.feature);
  const action = feature?.actions.find((known) => known.action === change.action);
  return {
    feature: feature?.name ?? change.feature,
    action: action?.name ?? change.action,
    how: howText(change, format),
  };
}

function howText({ kind, from, to }: PriceChange, format: Format): string {
  const before = from === undefined ? "" : priceText(from, format);
  const after = to === undefined ? "" : priceText(to, format);
  switch (kind) {
    case "feature_added":
      return "is new";
    case "feature_removed":
      return "is no longer offered";
    case "beta_began":
      return "becomes a beta feature: free from then on";
    case "beta_ended":
      return "ends its beta and gets a price";
    case "action_added":
      return `is new, ${after}`;
    case "action_removed":
      return `goes away (${before} now)`;
    case "price_changed":
      return `${after}, ${before} until then`;
  }
}
