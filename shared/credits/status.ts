/** Suspending, resuming and closing an account (rules, section 2.6). */
import { audited, type Change } from "./change.ts";
import { withoutHold } from "./holds.ts";
import { localDay } from "./period.ts";
import { figures } from "./reset.ts";
import type { AccountState } from "./state.ts";
import { upgradeSource } from "./upgrade.ts";

/** Everything is denied until it is resumed; time goes on. Suspended already: nothing changes. */
export function suspend(state: AccountState, reason: string, nowMs: number): Change {
  if (state.suspendedAtMs !== null) return { kind: "changed", state, value: null };
  return {
    kind: "changed",
    state: { ...state, suspendedAtMs: nowMs },
    value: null,
    notices: [{ kind: "account_suspended", reason }],
    audit: audited("account_suspended", "", { suspended: false }, { suspended: true, reason }),
  };
}

export function resume(state: AccountState): Change {
  if (state.suspendedAtMs === null) return { kind: "changed", state, value: null };
  return {
    kind: "changed",
    state: { ...state, suspendedAtMs: null },
    value: null,
    notices: [{ kind: "account_resumed" }],
    audit: audited("account_resumed", "", { suspended: true }, { suspended: false }),
  };
}

/** Ends the period now, gives holds back, and asks for the last invoice and the credit note of what is owed. */
export function close(state: AccountState, reason: string, nowMs: number): Change {
  const { upgradeDayEndMs, terms, period } = state;
  const released = [...state.holds.values()].reduce(withoutHold, state);
  const endMs = Math.max(nowMs, period.startMs + 1);
  const closed = figures(released, endMs);
  const finals =
    upgradeDayEndMs === null
      ? []
      : [
          {
            kind: "charge_final" as const,
            source: upgradeSource(localDay(upgradeDayEndMs - 1, terms.timeZone)),
          },
        ];
  // A period that has only just begun and that nothing was booked in has nothing to close.
  const isEmpty = nowMs === period.startMs && released.usage.seq === period.seqBefore;
  const periods = isEmpty ? [] : [{ kind: "period_closed" as const, closed }];
  return {
    kind: "changed",
    state: {
      ...released,
      closedAtMs: nowMs,
      upgradeDayEndMs: null,
      conversions: [],
      pendingSetting: null,
      pendingTerms: null,
      period: { ...period, endMs },
    },
    value: null,
    notices: [{ kind: "account_closed", reason }],
    facts: [...finals, ...periods, { kind: "account_closed" }],
    audit: audited("account_closed", "", { closed: false }, { closed: true, reason }),
  };
}
