/** Buying packs, cancelling them, and what becomes of them when the term ends (rules, sections 5.2, 5.3, 5.9, 5.10). */
import { type Catalog, packPrice } from "./catalog.ts";
import { audited, type Change } from "./change.ts";
import type { NoticeContent } from "./notices.ts";
import { localDay, type PeriodSpan } from "./period.ts";
import { decidePurchase, type Purchaser } from "./purchase.ts";
import { agreedOveragePrice, type OveragePriceMissing, withOveragePrice } from "./settings.ts";
import {
  type AccountState,
  isOfPeriod,
  limitMicros,
  type OverageSetting,
  type OwnedPack,
  type PackRenewal,
  type PackTerms,
} from "./state.ts";
import { startTerm } from "./term.ts";
import { packCharge, upgradeSource } from "./upgrade.ts";

export interface BuyPack {
  readonly pack: string;
  readonly quantity: number;
  /** Only with the account's first pack (5.2). */
  readonly setting?: OverageSetting | undefined;
  /** Only with the account's first pack (5.2). */
  readonly maximumMicros?: number | null | undefined;
}

export interface TooManyHoldings {
  readonly kind: "too_many_holdings";
  readonly max: number;
}

export interface LimitTooLarge {
  readonly kind: "limit_too_large";
}

export interface UnknownHolding {
  readonly kind: "unknown_holding";
  readonly id: string;
  readonly holdings: readonly string[];
}

type UnknownPack = {
  readonly kind: "unknown_pack";
  readonly pack: string;
  readonly packs: readonly string[];
};
type NotOnSale = { readonly kind: "pack_not_on_sale"; readonly pack: string; readonly currency: string };

export type BuyRefusal =
  | UnknownPack
  | NotOnSale
  | { readonly kind: "not_first_pack"; readonly field: "overageSetting" | "maximum" }
  | OveragePriceMissing
  | LimitTooLarge
  | TooManyHoldings;

/** Buys packs: they count at once; the first sets auto_upgrade or the setting named with it (5.2, 5.9). */
export function buyPack(
  state: AccountState,
  command: BuyPack,
  catalog: Catalog,
  nowMs: number,
): Change<OwnedPack> | BuyRefusal {
  const purchaser: Purchaser = {
    currency: state.terms.currency,
    limitMicros: limitMicros(state),
    maximumMicros: state.maximumMicros,
    holdings: state.packs.length,
    setting: state.setting,
    overagePrice: state.period.overagePrice ?? agreedOveragePrice(state, catalog),
  };
  const decided = decidePurchase(purchaser, command, catalog);
  if (decided.kind !== "purchase") return decided;
  const { terms, first, setting, maximumMicros } = decided;
  const bought: OwnedPack = {
    ...terms,
    id: `pack_${state.issued.packs + 1}`,
    quantity: command.quantity,
    source: "purchase",
    addedAtMs: nowMs,
    period: state.period.name,
    renewal: { ...terms, quantity: command.quantity },
  };
  const issued = { ...state.issued, packs: state.issued.packs + 1 };
  const owning = ownPack({ ...state, issued }, bought, null);
  const priced = first ? withOveragePrice(owning, setting, catalog) : owning;
  if ("kind" in priced) return priced;
  const after: AccountState = { ...priced, setting, maximumMicros };
  const { name, startMs, endMs } = state.period;
  return {
    kind: "changed",
    state: after,
    value: bought,
    notices: maximumNotices(state, after, first),
    facts: [
      {
        kind: "packs_charged",
        cause: "purchase",
        source: purchaseSource(bought.id),
        packs: [packCharge(bought)],
        period: { name, startMs, endMs },
        growsUntilMs: null,
      },
    ],
    audit: audited("pack_bought", bought.id, summary(state), { ...summary(after), bought }),
  };
}

/** Names the charge of a purchase. */
export function purchaseSource(id: string): string {
  return `purchase:${id}`;
}

/** The account with one more holding; the first begins the commitment term (5.3). */
export function ownPack(state: AccountState, pack: OwnedPack, termPeriods: number | null): AccountState {
  return {
    ...state,
    packs: [...state.packs, pack],
    term: state.term ?? startTerm(state, termPeriods ?? state.terms.termPeriods),
    termEndTold: state.term === null ? false : state.termEndTold,
  };
}

/** A purchase that raised the maximum asks the admins to review it (5.9). */
function maximumNotices(
  { maximumMicros: fromMicros }: AccountState,
  { maximumMicros: toMicros }: AccountState,
  first: boolean,
): readonly NoticeContent[] {
  if (first || fromMicros === null || toMicros === null || fromMicros === toMicros) return [];
  return [{ kind: "maximum_raised", fromMicros, toMicros }];
}

export interface CancelPack {
  /** The holding. */
  readonly id: string;
  /** How many of its packs; null: all. */
  readonly quantity: number | null;
  readonly reason: string;
}

export type CancelPackRefusal =
  | UnknownHolding
  | { readonly kind: "pack_not_cancellable"; readonly id: string; readonly period: string }
  | { readonly kind: "quantity_too_large"; readonly quantity: number; readonly max: number };

/** Takes back a purchase or an automatic upgrade of the open period, with a credit note (5.10). */
export function cancelPack(state: AccountState, command: CancelPack): Change<OwnedPack> | CancelPackRefusal {
  const owned = state.packs.find((pack) => pack.id === command.id);
  if (owned === undefined) return unknownHolding(state, command.id);
  if (!isCancellable(owned, state.period)) {
    return { kind: "pack_not_cancellable", id: owned.id, period: owned.period };
  }
  const quantity = command.quantity ?? owned.quantity;
  if (quantity > owned.quantity) return { kind: "quantity_too_large", quantity, max: owned.quantity };
  const cancelled = { ...owned, quantity };
  const remaining = { ...owned, quantity: owned.quantity - quantity };
  const packs = state.packs.flatMap((pack) => {
    if (pack !== owned) return [pack];
    return remaining.quantity === 0 ? [] : [{ ...remaining, renewal: renewalWithin(remaining) }];
  });
  const automatic = owned.source === "automatic" ? quantity : 0;
  const period = { ...state.period, automaticPacks: state.period.automaticPacks - automatic };
  const after = withoutPacks(keepUsed(state, { ...state, packs, period }));
  const { name, startMs, endMs } = state.period;
  return {
    kind: "changed",
    state: after,
    value: cancelled,
    facts: [
      {
        kind: "charge_cancelled",
        source: `cancel:${owned.id}:${state.issued.facts + 1}`,
        chargeSource:
          owned.source === "purchase"
            ? purchaseSource(owned.id)
            : upgradeSource(localDay(owned.addedAtMs, state.terms.timeZone)),
        packs: [packCharge(cancelled)],
        period: { name, startMs, endMs },
        reason: command.reason,
      },
    ],
    audit: audited("pack_cancelled", owned.id, summary(state), {
      ...summary(after),
      cancelled: quantity,
      reason: command.reason,
    }),
  };
}

/** A purchase or an automatic upgrade of the period that is open (5.10). */
export function isCancellable(owned: OwnedPack, period: Pick<PeriodSpan, "startMs">): boolean {
  return isOfPeriod(owned, period) && owned.source !== "conversion";
}

/** The next term has no more than what is left of this one: fewer packs of the kind that was chosen (5.3). */
function renewalWithin({ quantity, creditsMicros, renewal }: OwnedPack): PackRenewal {
  const most = Math.floor((quantity * creditsMicros) / renewal.creditsMicros);
  return { ...renewal, quantity: Math.min(renewal.quantity, most) };
}

/** The limit does not fall below what was used: that much of the cancelled packs stays as credits of this period. */
function keepUsed(before: AccountState, after: AccountState): AccountState {
  const floor = Math.min(limitMicros(before), before.usage.usedMicros);
  const missing = floor - limitMicros(after);
  if (missing <= 0) return after;
  const grant = {
    id: `grant_${after.issued.grants + 1}`,
    creditsMicros: missing,
    date: after.period.name,
    periodStartMs: after.period.startMs,
    reason: "used before its pack was cancelled",
    atMs: after.period.startMs,
  };
  return {
    ...after,
    grants: [...after.grants, grant],
    issued: { ...after.issued, grants: after.issued.grants + 1 },
  };
}

/** Without packs an account is in pause, without maximum, pending change and term (5.2). */
export function withoutPacks(state: AccountState): AccountState {
  if (state.packs.length > 0) return state;
  return {
    ...state,
    setting: "pause",
    pendingSetting: null,
    maximumMicros: null,
    term: null,
    termEndTold: false,
  };
}

export interface ChangeRenewal {
  readonly id: string;
  /** The catalogue's pack; absent: the one that it renews to so far. */
  readonly pack?: string | undefined;
  /** 0: it ends with the term. */
  readonly quantity: number;
}

export type ChangeRenewalRefusal =
  | UnknownHolding
  | UnknownPack
  | NotOnSale
  | { readonly kind: "not_renewable"; readonly id: string }
  | { readonly kind: "renewal_too_large"; readonly maxMicros: number };

/** What a bought holding becomes in the next term: the same, fewer, smaller, or nothing (5.3). */
export function changeRenewal(
  state: AccountState,
  { id, pack, quantity }: ChangeRenewal,
  catalog: Catalog,
): Change<OwnedPack> | ChangeRenewalRefusal {
  const owned = state.packs.find((known) => known.id === id);
  if (owned === undefined) return unknownHolding(state, id);
  if (owned.source !== "purchase") return { kind: "not_renewable", id };
  const terms = renewalTerms(owned, pack ?? owned.renewal.pack, catalog, state.terms.currency);
  if ("kind" in terms) return terms;
  const maxMicros = owned.creditsMicros * owned.quantity;
  if (terms.creditsMicros * quantity > maxMicros) return { kind: "renewal_too_large", maxMicros };
  const changed = { ...owned, renewal: { ...terms, quantity } };
  return {
    kind: "changed",
    state: { ...state, packs: state.packs.map((known) => (known === owned ? changed : known)) },
    value: changed,
    audit: audited("renewal_changed", id, owned.renewal, changed.renewal),
  };
}

function renewalTerms(
  owned: OwnedPack,
  packId: string,
  catalog: Catalog,
  currency: string,
): PackTerms | UnknownPack | NotOnSale {
  const onSale = packOnSale(catalog, packId, currency);
  if (onSale !== null) return onSale;
  if (packId === owned.renewal.pack) return termsOf(owned.renewal);
  if (packId === owned.pack) return termsOf(owned);
  const known = catalog.packs.map((candidate) => candidate.pack);
  return known.includes(packId)
    ? { kind: "pack_not_on_sale", pack: packId, currency }
    : { kind: "unknown_pack", pack: packId, packs: known };
}

/** A pack as the catalogue sells it now; null where it does not. */
function packOnSale(catalog: Catalog, packId: string, currency: string): PackTerms | null {
  const pack = catalog.packs.find((candidate) => candidate.pack === packId);
  const price = pack === undefined ? null : packPrice(pack, currency);
  if (pack === undefined || price === null) return null;
  return { pack: pack.pack, name: pack.name, creditsMicros: pack.creditsMicros, price };
}

function termsOf({ pack, name, creditsMicros, price }: PackTerms): PackTerms {
  return { pack, name, creditsMicros, price };
}

/** A bought holding in the next term, at the price then current; automatic and converted ones end (5.3, 11). */
export function renew(owned: OwnedPack, catalog: Catalog, currency: string): readonly OwnedPack[] {
  const { renewal, source } = owned;
  if (source !== "purchase" || renewal.quantity === 0) return [];
  const terms = packOnSale(catalog, renewal.pack, currency) ?? termsOf(renewal);
  const { quantity } = renewal;
  return [{ ...owned, ...terms, quantity, renewal: { ...terms, quantity } }];
}

function unknownHolding(state: AccountState, id: string): UnknownHolding {
  return { kind: "unknown_holding", id, holdings: state.packs.map((pack) => pack.id) };
}

/** What the audit log shows of a purchase's effect. */
function summary(state: AccountState) {
  return { limitMicros: limitMicros(state), setting: state.setting, maximumMicros: state.maximumMicros };
}
