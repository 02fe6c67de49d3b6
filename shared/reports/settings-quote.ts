/**
 * What a change of setting and maximum would come to (rules, 5.7, 5.8 and 10.6): when it takes effect, and what the
 * account's own use would cost under it. Pure; the settings themselves change by shared/credits/settings.ts.
 */
import type { Balance } from "../credits/balance.ts";
import type { Catalog } from "../credits/catalog.ts";
import { agreedOveragePrice, type SettingsRefusal } from "../credits/settings.ts";
import type { OverageSetting, Terms } from "../credits/state.ts";
import { runningTerms } from "./account-choices.ts";
import type { ChoiceOption, ChoiceTerms } from "./choice-cost.ts";
import { choicesFor } from "./choices.ts";

/** The account as it stands. */
export interface QuotedAccount {
  readonly balance: Balance;
  readonly terms: Terms;
  readonly catalog: Catalog;
}

export interface QuotedChange {
  readonly setting: OverageSetting;
  readonly maximumMicros: number | null;
}

/** Use that is priced as an example. */
export interface ExampleUse {
  readonly basis: "last_period" | "forecast";
  readonly period: string;
  readonly usedMicros: number;
}

export interface SettingsQuote extends QuotedChange {
  readonly kind: "quote";
  /** null: at once, or in force already. */
  readonly effectiveAtMs: number | null;
  readonly maximumReached: boolean;
  readonly examples: readonly (ExampleUse & { readonly option: ChoiceOption })[];
}

/** The same refusals as the change itself. */
export function quoteSettings(
  account: QuotedAccount,
  change: QuotedChange,
  uses: readonly ExampleUse[],
): SettingsQuote | SettingsRefusal {
  const { balance } = account;
  const choice = balance.settingChoices.find(({ setting }) => setting === change.setting);
  if (choice === undefined) throw new Error(`there is no setting "${change.setting}"`);
  const { refused, effectiveAtMs } = choice;
  if (refused === "packs_required") return { kind: refused };
  if (refused !== null) return { kind: refused, currency: balance.currency };
  const terms = termsUnder(account, change, effectiveAtMs);
  return {
    kind: "quote",
    ...change,
    effectiveAtMs,
    maximumReached:
      change.maximumMicros !== null && balance.usedMicros + balance.heldMicros >= change.maximumMicros,
    examples: uses.flatMap((use) => {
      const [option] = choicesFor(terms, use.usedMicros, 0).options;
      return use.usedMicros > 0 && option !== undefined ? [{ ...use, option }] : [];
    }),
  };
}

/** A change that waits meets the next period: its packs, the price agreed for it, and none of this one's grants. */
function termsUnder(
  { balance, terms, catalog }: QuotedAccount,
  { setting, maximumMicros }: QuotedChange,
  effectiveAtMs: number | null,
): ChoiceTerms {
  const agreed = agreedOveragePrice({ terms }, catalog);
  const running = { ...runningTerms(balance, catalog), setting, maximumMicros };
  if (effectiveAtMs === null) return { ...running, overagePrice: balance.overagePrice ?? agreed };
  return {
    ...running,
    includedMicros: balance.includedMicros,
    committedPacks: balance.next?.packs ?? [],
    overagePrice: agreed,
    automaticPacksLeft: terms.automaticPacksMax ?? catalog.automaticPacksMax,
  };
}
