/** What a version of the rate sheet changes for those who use it, and which changes need notice (rules, 8.1-8.4). */
import { type Feature, itemCreditsMicros, type Rate, type RateSheet, rateSheetAt } from "./rates.ts";

/** Between the publication of a version that raises a price and its effective time (8.4). */
export const NOTICE_DAYS = 30;
export const NOTICE_MS = NOTICE_DAYS * 24 * 60 * 60 * 1000;

export type Price = Pick<Rate, "creditsMicros" | "perMicros" | "blocks">;

interface ChangedAction {
  readonly feature: string;
  readonly featureName: string;
  readonly action: string;
  readonly actionName: string;
}

/** Prices as they are charged: of a beta feature 0 credits (8.3). */
export type RateChange = ChangedAction &
  (
    | {
        /** `priced`: of a feature that was beta. A price that rises for some quantities and falls for others is raised. */
        readonly kind: "raised" | "priced" | "lowered";
        readonly from: Price;
        readonly to: Price;
      }
    | { readonly kind: "added"; readonly to: Price }
    | { readonly kind: "removed"; readonly from: Price }
  );

/** A change that admins are told of in time (8.4). */
export type RateRise = Extract<RateChange, { readonly from: Price; readonly to: Price }> & {
  readonly kind: "raised" | "priced";
};

/**
 * Whether some quantity costs more at `to` than at `from` (8.4); exact. Two quantities tell: the smallest there is,
 * and one `per` of the old rate. Between the jumps of started blocks and of rounding up, cost grows in a straight
 * line: where one old `per` costs no more, no multiple of it does, and of the quantities between only the first
 * can cost more, where it begins a block.
 */
export function raisesRate(from: Price, to: Price): boolean {
  return [1, from.perMicros].some(
    (quantityMicros) => itemCreditsMicros(to, quantityMicros) > itemCreditsMicros(from, quantityMicros),
  );
}

/** Action by action what differs for some quantity; what costs the same for all is left out. */
export function rateChanges(from: readonly Feature[], to: readonly Feature[]): readonly RateChange[] {
  const before = new Map(from.map((feature) => [feature.feature, feature]));
  const after = new Set(to.map(({ feature }) => feature));
  const gone = from.filter(({ feature }) => !after.has(feature));
  return [
    ...to.flatMap((feature) => featureChanges(before.get(feature.feature) ?? null, feature)),
    ...gone.flatMap((feature) => featureChanges(feature, { ...feature, actions: [] })),
  ];
}

function featureChanges(from: Feature | null, to: Feature): readonly RateChange[] {
  const before = new Map(from?.actions.map((rate) => [rate.action, rate]));
  const changes: RateChange[] = [];
  for (const rate of to.actions) {
    const old = before.get(rate.action);
    before.delete(rate.action);
    const change = actionChange(from, old, to, rate);
    if (change !== null) changes.push(change);
  }
  for (const rate of before.values()) {
    changes.push({ kind: "removed", ...named(to, rate), from: chargedPrice(from ?? to, rate) });
  }
  return changes;
}

function actionChange(
  fromFeature: Feature | null,
  old: Rate | undefined,
  toFeature: Feature,
  rate: Rate,
): RateChange | null {
  const to = chargedPrice(toFeature, rate);
  const wasBeta = fromFeature?.beta ?? false;
  // A new action of a feature that was beta: what it did was free until now (8.3).
  const wasFree = wasBeta && old === undefined && to.creditsMicros > 0;
  if (fromFeature === null || (old === undefined && !wasFree)) {
    return { kind: "added", ...named(toFeature, rate), to };
  }
  const from = old === undefined ? { ...to, creditsMicros: 0 } : chargedPrice(fromFeature, old);
  const change = { ...named(toFeature, rate), from, to };
  if (raisesRate(from, to)) return { kind: wasBeta ? "priced" : "raised", ...change };
  return raisesRate(to, from) ? { kind: "lowered", ...change } : null;
}

function named(feature: Feature, rate: Rate): ChangedAction {
  return {
    feature: feature.feature,
    featureName: feature.name,
    action: rate.action,
    actionName: rate.name,
  };
}

/** A rate as it is charged: 0 credits while its feature is beta (8.3). */
export function chargedPrice({ beta }: Feature, { creditsMicros, perMicros, blocks }: Rate): Price {
  return { creditsMicros: beta ? 0 : creditsMicros, perMicros, blocks };
}

export function isRise(change: RateChange): change is RateRise {
  return change.kind === "raised" || change.kind === "priced";
}

/** What a version raises or prices against the one that it replaces. */
export interface VersionRises {
  readonly version: number;
  readonly effectiveAtMs: number;
  readonly rises: readonly RateRise[];
}

/** The rises of each version that takes effect at `nowMs` or later, in that order; versions without any are left out. */
export function risesAhead(sheets: readonly RateSheet[], nowMs: number): readonly VersionRises[] {
  const times = new Set(sheets.map((sheet) => sheet.effectiveAtMs).filter((atMs) => atMs >= nowMs));
  return [...times]
    .sort((a, b) => a - b)
    .flatMap((effectiveAtMs) => {
      const from = rateSheetAt(sheets, effectiveAtMs - 1);
      const to = rateSheetAt(sheets, effectiveAtMs);
      if (from === null || to === null) return [];
      const rises = rateChanges(from.features, to.features).filter(isRise);
      return rises.length === 0 ? [] : [{ version: to.version, effectiveAtMs, rises }];
    });
}

/**
 * Rises that come of a publication or a withdrawal (8.4): those of the version itself, and those of a later version
 * that now replaces another one. What was a rise before has been told.
 */
export function newRises(
  before: readonly RateSheet[],
  after: readonly RateSheet[],
  nowMs: number,
): readonly VersionRises[] {
  const keyOf = (version: number, { feature, action }: RateRise) =>
    JSON.stringify([version, feature, action]);
  const known = new Set(
    risesAhead(before, nowMs).flatMap(({ version, rises }) => rises.map((rise) => keyOf(version, rise))),
  );
  return risesAhead(after, nowMs).flatMap(({ version, effectiveAtMs, rises }) => {
    const fresh = rises.filter((rise) => !known.has(keyOf(version, rise)));
    return fresh.length === 0 ? [] : [{ version, effectiveAtMs, rises: fresh }];
  });
}

/** The notice is shorter than a rise needs; it must have been asked for (8.4). */
export function isShortNotice(effectiveAtMs: number, nowMs: number): boolean {
  return effectiveAtMs < nowMs + NOTICE_MS;
}
