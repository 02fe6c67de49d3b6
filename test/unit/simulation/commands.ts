/** What may happen to an account. Commands name things relatively, so that any part of a sequence is one too. */
import type { Budget, FeatureAccess } from "../../../shared/credits/directory.ts";
import type { Overflow } from "../../../shared/credits/holds.ts";
import type { OverageSetting } from "../../../shared/credits/state.ts";
import type { ChangeTerms } from "../../../shared/credits/terms.ts";
import type { CatalogName, FeatureName } from "./offer.ts";

/** An amount of credits, or what is missing to a landmark of the account and some micro-credits more or less. */
export type Amount =
  | { readonly micros: number }
  | { readonly to: Landmark; readonly percent: number; readonly plus: number };

/** `packs`: as far as the automatic packs that may still be added would take the limit. */
export type Landmark = "available" | "limit" | "maximum" | "packs";

export interface Who {
  readonly feature: FeatureName;
  readonly user: string | undefined;
  readonly workflow: string | undefined;
}

/** How an amount becomes items: all runs, all pages (at the price of the day), or some of both. */
export type Shape = "runs" | "pages" | "both";

export type UseMode = "consume" | "record" | "check";

/** Counted from the newest, around the end. */
export type Index = number;

export type Command =
  | {
      readonly kind: "use";
      readonly mode: UseMode;
      readonly who: Who;
      readonly amount: Amount;
      readonly shape: Shape;
      /** When it occurred, before now; undefined: not said. */
      readonly agoMs: number | undefined;
    }
  /** An id that was sent before, with the same or with other content. */
  | { readonly kind: "again"; readonly mode: UseMode | "hold"; readonly event: Index; readonly same: boolean }
  | {
      readonly kind: "hold";
      readonly who: Who;
      readonly amount: Amount;
      readonly shape: Shape;
      readonly agoMs: number | undefined;
      readonly holdMs: number;
    }
  /** `percent` of what was held; undefined: as held, without items. */
  | {
      readonly kind: "capture";
      readonly hold: Index;
      /** Among those that are open; else among all that ever were. */
      readonly open: boolean;
      readonly percent: number | undefined;
      readonly overflow: Overflow;
    }
  /** A capture that was sent before. */
  | { readonly kind: "capture_again"; readonly capture: Index }
  | { readonly kind: "release"; readonly hold: Index; readonly open: boolean }
  /** Of the entry; undefined: all that is left. */
  | { readonly kind: "correct"; readonly entry: Index; readonly percent: number | undefined }
  | { readonly kind: "outcome"; readonly entry: Index; readonly type: string }
  | {
      readonly kind: "buy";
      readonly pack: string;
      readonly quantity: number;
      readonly setting?: OverageSetting | undefined;
      readonly maximum?: Amount | null | undefined;
    }
  | { readonly kind: "cancel"; readonly pack: Index; readonly quantity: number | null }
  | {
      readonly kind: "renewal";
      readonly pack: Index;
      readonly to?: string | undefined;
      readonly quantity: number;
    }
  | {
      readonly kind: "choose";
      readonly setting?: OverageSetting | undefined;
      readonly maximum?: Amount | null | undefined;
    }
  | { readonly kind: "cancel_pending" }
  | { readonly kind: "terms"; readonly change: ChangeTerms }
  | { readonly kind: "catalog"; readonly name: CatalogName }
  | { readonly kind: "grant"; readonly creditsMicros: number; readonly periodsAhead: number | "closed" }
  | {
      readonly kind: "convert";
      readonly size: number;
      readonly quantity: number;
      readonly priceMinor: number;
      readonly termPeriods: number | null;
      /** From now on; null: at once. */
      readonly inMs: number | "at_reset" | null;
    }
  | { readonly kind: "feature"; readonly feature: FeatureName; readonly paused: boolean }
  | { readonly kind: "access"; readonly feature: FeatureName; readonly access: FeatureAccess | null }
  /** null: not known any more. */
  | { readonly kind: "user"; readonly user: string; readonly teams: readonly string[] | null }
  | { readonly kind: "budget"; readonly budget: Budget }
  | { readonly kind: "no_budget"; readonly budget: string }
  | { readonly kind: "suspend"; readonly suspended: boolean }
  | { readonly kind: "close" }
  | { readonly kind: "wait"; readonly ms: number }
  /** Until what is due next, or so many resets ahead, and some milliseconds more or less. */
  | { readonly kind: "wait_for"; readonly what: "due" | 1 | 2 | 3 | 4; readonly plusMs: number };
