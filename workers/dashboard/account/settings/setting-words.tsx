/** What each overage setting means for this account, in a sentence (rules, 5.1, 5.4 and 5.5). */
import type { Balance, CurrentSettings, OwnedPacks } from "../../../../shared/client/types.ts";
import { FormRefused, type FormState, type FormValues, withoutGrouping } from "../../form.ts";
import type { Format } from "../../format.ts";
import type { Html } from "../../page.tsx";
import { ChoiceField, TextField } from "../../parts/fields.tsx";

export const NO_PRICE = "Not possible: no price per credit above the limit is agreed.";

export type Setting = Balance["overageSetting"];
type Choice = CurrentSettings["choices"][number];

/** What a setting is explained with. */
export interface SettingTerms {
  readonly balance: Balance;
  readonly packs: OwnedPacks;
  readonly format: Format;
}

export function settingSentence(setting: Setting, { balance, packs, format }: SettingTerms): string {
  switch (setting) {
    case "pause":
      return "At the limit, features that use credits stop until the reset or until you buy a pack. It never costs more than your packs.";
    case "auto_upgrade": {
      const pack = packs.onSale.find(({ upgrade }) => upgrade);
      if (pack === undefined) {
        return `Packs are added when the limit is passed. None is on sale in ${balance.money.currency} now, so features would stop at the limit.`;
      }
      return `When the limit is passed, the fewest packs that cover the use are added at once. Each gives ${format.credits(pack.credits)} credits for ${format.money(pack.price)} a month and stays until the term ends.`;
    }
    case "pay_as_you_go": {
      const { overagePrice, currency } = balance.money;
      const price =
        overagePrice === null ? "the agreed price" : `${format.unitPrice(overagePrice, currency)} a credit`;
      return `Use goes on above the limit, and is billed after the reset at ${price}, in steps of 10 credits. No packs are added.`;
    }
  }
}

/** Why a setting cannot be chosen; null: it can. */
export function refusalSentence({ refused }: Choice, currency: string): string | null {
  switch (refused) {
    case null:
      return null;
    case "packs_required":
      return "Not possible without a pack: buy one first.";
    case "overage_price_missing":
      return `${NO_PRICE} (${currency})`;
  }
}

/** Parts of a form about a maximum; the form has the fields `limit` and `maximum`. */
export const LIMITED = "set";
export const UNLIMITED = "none";

interface MaximumProps {
  readonly form: string;
  readonly state: FormState;
  /** Shown where nothing else was chosen yet. */
  readonly maximum: number | null;
  /** What was chosen before. */
  readonly query: Readonly<Record<string, string>>;
  readonly hint: string;
}

export function MaximumFields({ form, state, maximum, query, hint }: MaximumProps): Html {
  return (
    <>
      <ChoiceField
        form={form}
        state={state}
        type="radio"
        name="limit"
        label="Maximum a month"
        hint="A hard cap of your own: when it is reached, features that use credits stop until the reset or until it is raised."
        chosen={[query.limit ?? (maximum === null ? UNLIMITED : LIMITED)]}
        options={[
          { value: UNLIMITED, label: "No maximum" },
          { value: LIMITED, label: "At most this many credits" },
        ]}
      />
      <TextField
        form={form}
        state={state}
        type="decimal"
        name="maximum"
        label="Maximum in credits"
        hint={hint}
        value={query.maximum ?? maximum ?? undefined}
      />
    </>
  );
}

/** What was chosen in the query of a step: text for the API's quote; undefined: nothing was. */
export function maximumAsked({ limit, maximum = "" }: Readonly<Record<string, string>>): string | undefined {
  if (limit === UNLIMITED) return UNLIMITED;
  return limit === undefined ? undefined : withoutGrouping(maximum);
}

/** What a form sent: credits or null. */
export function maximumSent(form: FormValues): number | null {
  if (form.text("limit") === UNLIMITED) return null;
  if (form.text("maximum") === "") throw new FormRefused({ maximum: "must be a number of credits" });
  return form.number("maximum");
}
