/** What the account's methods answer about the account as it stands. */
import { accountRatesAt } from "../../shared/credits/account-rates.ts";
import { balanceOf, summarise } from "../../shared/credits/balance.ts";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import type { CommandValue } from "../../shared/credits/execute.ts";
import type { Hold } from "../../shared/credits/hold.ts";
import type { AccountState } from "../../shared/credits/state.ts";
import type {
  AccountReport,
  AccountView,
  Done,
  DueFacts,
  EventFate,
  PricedBy,
  TermsView,
} from "../../shared/protocol.ts";
import type { Found } from "./known.ts";
import type { Ledger } from "./ledger.ts";

export function answered(ledger: Ledger) {
  return { balance: summarise(ledger.state, ledger.offer.catalog), nowMs: ledger.now() };
}

export function viewOf(ledger: Ledger): AccountView {
  const { state, offer, journal, shipping } = ledger;
  return {
    kind: "view",
    nowMs: ledger.now(),
    terms: state.terms,
    pendingTerms: state.pendingTerms,
    status: statusOf(state),
    balance: balanceOf(state, offer.catalog),
    directory: state.directory,
    noticePercentages: offer.catalog.noticePercentages,
    acknowledgedSeq: journal.acknowledgedSeq,
    lastSeq: state.usage.seq,
    notices: shipping.notices,
    audit: shipping.audit,
    factsWaiting: shipping.factsWaiting,
    budgetUsage: state.usage.budgets,
  };
}

/** With a copy of the tail: calls that continue in the same turn change the journal's own before this is on its way. */
export function reportOf(ledger: Ledger): AccountReport {
  return { ...viewOf(ledger), tail: [...ledger.journal.tail] };
}

export function doneOf({ state, offer }: Ledger, value: CommandValue, replayed: boolean): Done {
  const balance = balanceOf(state, offer.catalog);
  return { kind: "done", value, balance, directory: state.directory, replayed };
}

export function termsOf(state: AccountState): TermsView {
  return {
    kind: "terms",
    terms: state.terms,
    pendingTerms: state.pendingTerms,
    status: statusOf(state),
    resetAtMs: state.period.endMs,
  };
}

function statusOf({ closedAtMs, suspendedAtMs }: AccountState): TermsView["status"] {
  if (closedAtMs !== null) return "closed";
  return suspendedAtMs === null ? "open" : "suspended";
}

export function dueOf(ledger: Ledger): DueFacts {
  const { state, shipping } = ledger;
  // A closed account is due no more.
  const periodEndsAtMs = state.closedAtMs === null ? state.period.endMs : Number.MAX_SAFE_INTEGER;
  return { kind: "due", facts: shipping.facts, periodEndsAtMs };
}

/** A hold whose time has passed has ended by itself, and closing the account released it; no row says so. */
export function holdAsOf(hold: Hold, { closedAtMs }: AccountState, nowMs: number): Hold {
  const { settlement, expiresAtMs } = hold;
  if (settlement !== null) return hold;
  if (closedAtMs !== null && closedAtMs < expiresAtMs) {
    return { ...hold, settlement: { kind: "released", atMs: closedAtMs } };
  }
  return nowMs < expiresAtMs ? hold : { ...hold, settlement: { kind: "expired", atMs: expiresAtMs } };
}

/** What became of an id, from what the journal has under it. */
export function fateOf(ledger: Ledger, found: Found | null): EventFate {
  if (found === null) return { kind: "unknown" };
  const { entry, hold } = found;
  const { state } = ledger;
  const asOfNow = hold === null ? null : holdAsOf(hold, state, ledger.now());
  if (entry !== null) {
    const { reversed, corrections, outcome } = ledger.findAmendment(entry.seq);
    return {
      kind: "booked",
      entry,
      hold: asOfNow,
      pricedBy: pricedBy(ledger, entry),
      amendments: {
        reversed,
        corrections: corrections.flatMap((id) => ledger.journal.findOwn(id) ?? []),
        outcome: outcome?.outcome ?? null,
      },
    };
  }
  if (asOfNow === null) return { kind: "unknown" };
  const { rateVersion, event, atMs } = asOfNow;
  return {
    kind: "held",
    hold: asOfNow,
    pricedBy: {
      feature: featureOf(ledger, { rateVersion, feature: event.feature }),
      accountRates: accountRatesAt(state.directory.rates, atMs),
    },
  };
}

function featureOf({ offer }: Ledger, { rateVersion, feature }: Pick<UsageEntry, "rateVersion" | "feature">) {
  const sheet = offer.rateSheets.find(({ version }) => version === rateVersion);
  return sheet?.features.find((candidate) => candidate.feature === feature) ?? null;
}

function pricedBy(ledger: Ledger, entry: UsageEntry): PricedBy | null {
  const feature = featureOf(ledger, entry);
  const { accountRatesVersion } = entry;
  if (accountRatesVersion === undefined) return { feature, accountRates: null };
  const { rates } = ledger.state.directory;
  const accountRates = rates.find(({ version }) => version === accountRatesVersion);
  return accountRates === undefined ? null : { feature, accountRates };
}
