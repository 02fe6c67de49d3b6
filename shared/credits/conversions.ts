/** Packs of an earlier product become monthly credits (rules, section 11). */
import { CREDITS_MICROS_MAX } from "./amounts.ts";
import { audited, type Change } from "./change.ts";
import type { Money } from "./money.ts";
import { type LimitTooLarge, ownPack, type TooManyHoldings } from "./packs.ts";
import { HOLDINGS_MAX } from "./purchase.ts";
import { type AccountState, limitMicros, type OwnedPack } from "./state.ts";
import { packCharge } from "./upgrade.ts";

export interface Convert {
  /** Size of the earlier pack, as the table names it. */
  readonly size: number;
  readonly quantity: number;
  /** Of one converted pack, looked up in the table. */
  readonly creditsMicros: number;
  /** Of one converted pack for one period; 0 by default. */
  readonly price: Money;
  /** Length of the commitment term in periods, where it is the account's first pack; null: as agreed. */
  readonly termPeriods: number | null;
  /** null: now. */
  readonly effectiveAtMs: number | null;
}

export type ConvertRefusal =
  | LimitTooLarge
  | TooManyHoldings
  | { readonly kind: "currency_differs"; readonly currency: string }
  /** All packs of an account share one term (5.3). */
  | { readonly kind: "term_differs"; readonly periods: number };

/** Adds the converted capacity, now or when the row says; setting and maximum stay, the first pack is in pause. */
export function convert(
  state: AccountState,
  command: Convert,
  nowMs: number,
): Change<OwnedPack> | ConvertRefusal {
  const { creditsMicros, quantity, price, termPeriods, size } = command;
  if (price.currency !== state.terms.currency) {
    return { kind: "currency_differs", currency: state.terms.currency };
  }
  if (state.term !== null && termPeriods !== null && termPeriods !== state.term.periods) {
    return { kind: "term_differs", periods: state.term.periods };
  }
  if (limitMicros(state) + waitingMicros(state) + creditsMicros * quantity > CREDITS_MICROS_MAX) {
    return { kind: "limit_too_large" };
  }
  if (state.packs.length + state.conversions.length >= HOLDINGS_MAX) {
    return { kind: "too_many_holdings", max: HOLDINGS_MAX };
  }
  const effectiveAtMs = Math.max(nowMs, command.effectiveAtMs ?? nowMs);
  const number = state.issued.packs + 1;
  const terms = { pack: `converted-${size}`, name: `converted from ${size}`, creditsMicros, price };
  const pack: OwnedPack = {
    ...terms,
    id: `pack_${number}`,
    quantity,
    source: "conversion",
    addedAtMs: effectiveAtMs,
    period: state.period.name,
    renewal: { ...terms, quantity: 0 },
  };
  const audit = audited("conversion_added", pack.id, null, { ...command, effectiveAtMs });
  const numbered = { ...state, issued: { ...state.issued, packs: number } };
  if (effectiveAtMs > nowMs) {
    const conversions = [...state.conversions, { effectiveAtMs, pack, termPeriods }];
    return { kind: "changed", state: { ...numbered, conversions }, value: pack, audit };
  }
  return { ...takeEffect(numbered, pack, termPeriods), audit };
}

/** The capacity counts from now on; a price is charged for the running period in full (7.2). */
export function takeEffect(
  state: AccountState,
  converted: OwnedPack,
  termPeriods: number | null,
): Change<OwnedPack> {
  const pack = { ...converted, period: state.period.name };
  const { name, startMs, endMs } = state.period;
  const charged = pack.price.amountMinor > 0;
  return {
    kind: "changed",
    state: ownPack(state, pack, termPeriods),
    value: pack,
    facts: charged
      ? [
          {
            kind: "packs_charged",
            cause: "conversion",
            source: `conversion:${pack.id}`,
            packs: [packCharge(pack)],
            period: { name, startMs, endMs },
            growsUntilMs: null,
          },
        ]
      : [],
  };
}

function waitingMicros({ conversions }: AccountState): number {
  return conversions.reduce((sum, { pack }) => sum + pack.creditsMicros * pack.quantity, 0);
}
