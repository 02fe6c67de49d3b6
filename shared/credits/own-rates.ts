/** Publishing and withdrawing an account's own rates (rules, sections 8.1, 8.4 and 8.5). */
import { type AccountRate, type AccountRates, accountRatesAt } from "./account-rates.ts";
import { audited, type Change } from "./change.ts";
import { withDirectory } from "./directory-changes.ts";
import { NOTICE_MS, raisesRate } from "./rate-changes.ts";
import { type RateSheet, rateSheetAt } from "./rates.ts";
import type { AccountState } from "./state.ts";

export interface SetRates {
  /** All of the account's own rates from then on; none: the sheet alone counts again. */
  readonly rates: readonly AccountRate[];
  /** null: now. */
  readonly effectiveAtMs: number | null;
  /** Asks explicitly for less than 30 days' notice of what rises. */
  readonly shortNotice: boolean;
}

export interface WithdrawRates {
  readonly version: number;
  /** As above: of a later version, which may cost more than what then precedes it. */
  readonly shortNotice: boolean;
}

export interface RaisedRate {
  readonly feature: string;
  readonly action: string;
}

interface NoticeTooShort {
  readonly kind: "notice_too_short";
  readonly earliestMs: number;
  readonly raised: readonly RaisedRate[];
}

export type SetRatesRefusal = { readonly kind: "rates_in_past"; readonly nowMs: number } | NoticeTooShort;

/** Publishes the next version of the account's own rates. */
export function setRates(
  state: AccountState,
  { rates, effectiveAtMs: wishedMs, shortNotice }: SetRates,
  sheets: readonly RateSheet[],
  nowMs: number,
): Change<AccountRates> | SetRatesRefusal {
  if (wishedMs !== null && wishedMs < nowMs) return { kind: "rates_in_past", nowMs };
  const effectiveAtMs = wishedMs ?? nowMs;
  const number = state.issued.rates + 1;
  const version: AccountRates = {
    version: number,
    effectiveAtMs,
    publishedAtMs: nowMs,
    shortNotice: false,
    rates,
  };
  const before = state.directory.rates;
  const after = inOrder([...before, version]);
  const rises = newRises(before, after, sheets, nowMs);
  const short = shortlyRaised(rises, nowMs);
  if (short.length > 0 && !shortNotice) return noticeTooShort(short, nowMs);
  const published = { ...version, shortNotice: short.length > 0 };
  const changed = { ...state, issued: { ...state.issued, rates: number } };
  return {
    kind: "changed",
    state: withDirectory(changed, { rates: after.map((known) => (known === version ? published : known)) }),
    value: published,
    notices: [
      {
        kind: "account_rates_changed",
        version: number,
        effectiveAtMs,
        shortNotice: published.shortNotice,
        raised: rises.flatMap(({ raised }) => raised),
      },
    ],
    audit: audited("account_rates_changed", String(number), null, published),
  };
}

export type WithdrawRatesRefusal =
  | { readonly kind: "unknown_rates"; readonly version: number }
  | { readonly kind: "rates_in_force"; readonly version: number }
  | NoticeTooShort;

/** Takes back a version that is not in force yet. */
export function withdrawRates(
  state: AccountState,
  { version, shortNotice }: WithdrawRates,
  sheets: readonly RateSheet[],
  nowMs: number,
): Change<AccountRates> | WithdrawRatesRefusal {
  const before = state.directory.rates;
  const known = before.find((candidate) => candidate.version === version);
  if (known === undefined) return { kind: "unknown_rates", version };
  if (known.effectiveAtMs <= nowMs) return { kind: "rates_in_force", version };
  const after = before.filter((candidate) => candidate !== known);
  const short = shortlyRaised(newRises(before, after, sheets, nowMs), nowMs);
  if (short.length > 0 && !shortNotice) return noticeTooShort(short, nowMs);
  return {
    kind: "changed",
    state: withDirectory(state, { rates: after }),
    value: known,
    notices: [{ kind: "account_rates_withdrawn", version, effectiveAtMs: known.effectiveAtMs }],
    audit: audited("account_rates_withdrawn", String(version), known, null),
  };
}

function inOrder(versions: readonly AccountRates[]): readonly AccountRates[] {
  return [...versions].sort((a, b) => a.effectiveAtMs - b.effectiveAtMs || a.version - b.version);
}

interface Rises {
  readonly version: number;
  readonly effectiveAtMs: number;
  readonly raised: readonly RaisedRate[];
}

/** What rises because of the change: by the version itself, or by a later one that now replaces another. */
function newRises(
  before: readonly AccountRates[],
  after: readonly AccountRates[],
  sheets: readonly RateSheet[],
  nowMs: number,
): readonly Rises[] {
  const known = new Map(risesAhead(before, sheets, nowMs).map((rises) => [rises.version, rises.raised]));
  return risesAhead(after, sheets, nowMs).flatMap((rises) => {
    const told = known.get(rises.version) ?? [];
    const raised = rises.raised.filter(
      ({ feature, action }) => !told.some((rate) => rate.feature === feature && rate.action === action),
    );
    return raised.length === 0 ? [] : [{ ...rises, raised }];
  });
}

function risesAhead(
  versions: readonly AccountRates[],
  sheets: readonly RateSheet[],
  nowMs: number,
): readonly Rises[] {
  return versions.flatMap((version, index) => {
    const { effectiveAtMs } = version;
    if (effectiveAtMs < nowMs) return [];
    const from = accountRatesAt(versions.slice(0, index), effectiveAtMs)?.rates ?? [];
    const raised = raisedRates(from, version.rates, rateSheetAt(sheets, effectiveAtMs));
    return raised.length === 0 ? [] : [{ version: version.version, effectiveAtMs, raised }];
  });
}

/** Actions that cost more by the second rates than by the first; what they do not name costs what the sheet says. */
function raisedRates(
  from: readonly AccountRate[],
  to: readonly AccountRate[],
  sheet: RateSheet | null,
): readonly RaisedRate[] {
  return (sheet?.features ?? []).flatMap(({ feature, beta, actions }) =>
    actions.flatMap((listed) => {
      const isThis = (rate: AccountRate) => rate.feature === feature && rate.action === listed.action;
      const raised = raisesRate(from.find(isThis) ?? listed, to.find(isThis) ?? listed);
      return !beta && raised ? [{ feature, action: listed.action }] : [];
    }),
  );
}

/** Rises that come sooner than 30 days from now. */
function shortlyRaised(rises: readonly Rises[], nowMs: number): readonly RaisedRate[] {
  return rises.flatMap(({ effectiveAtMs, raised }) => (effectiveAtMs < nowMs + NOTICE_MS ? raised : []));
}

function noticeTooShort(raised: readonly RaisedRate[], nowMs: number): NoticeTooShort {
  return { kind: "notice_too_short", earliestMs: nowMs + NOTICE_MS, raised };
}
