/**
 * What the analysis of usage tells (rules, 6.4, 10.6 and 10.7): in the usage report, and separately for who wants it.
 * The account does not decide these; amounts are micros, days are local days of the account.
 */

/** Use as it is expected at the end of the running period. */
export interface Projection {
  readonly projectedMicros: number;
  readonly limitMicros: number;
}

/** A feature's day far above its mean of the 14 days before. */
export interface Spike {
  readonly feature: string;
  readonly day: string;
  readonly creditsMicros: number;
  readonly meanMicros: number;
}

/** What was probably spent for nothing in a period. */
export interface Waste {
  /** Of the same feature, action and subject again within 24 hours. */
  readonly duplicatesMicros: number;
  /** Of features that spend and have no outcome at all. */
  readonly withoutOutcomeMicros: number;
  readonly unownedFeatures: readonly string[];
}

/** What a usage report says besides its figures, of the last closed period; the projection is of the new one. */
export interface ReportInsights {
  /** Those that used most, most first. */
  readonly topFeatures: readonly { readonly feature: string; readonly creditsMicros: number }[];
  readonly projection: (Projection & { readonly exhaustedOn: string | null }) | null;
  readonly spikes: readonly Spike[];
  readonly waste: Waste | null;
}

interface Found {
  readonly atMs: number;
  /** The running period, of waste the one that is meant. */
  readonly period: string;
  /** End of the running period. */
  readonly resetAtMs: number;
}

export type InsightNotice = Found &
  (
    | (Projection & { readonly kind: "projected_exhaustion"; readonly exhaustedOn: string })
    | (Spike & {
        readonly kind: "spike";
        /** Who answers for the feature. */
        readonly ownerUser: string | null;
      })
    | (Waste & { readonly kind: "waste" })
  );
