/**
 * The words of each notification: what happened, what happens next, what an admin can do. Pure: a fact and its reader
 * in, plain text out; amounts come from the fact, which does not change.
 */
import { accountIdOf, modeOf } from "../../shared/account-key.ts";
import type { NotificationContent } from "../../shared/queues.ts";
import {
  accountRatesChanged,
  accountRatesWithdrawn,
  accountResumed,
  accountSuspendedOrClosed,
  featurePausedOrResumed,
} from "./words/account.ts";
import type { Message, Reader } from "./words/message.ts";
import {
  automaticUpgrade,
  grantAdded,
  maximumRaised,
  packsEnded,
  settingChanged,
  settingWaiting,
  termEnding,
  upgradeUnavailable,
} from "./words/packs.ts";
import { rateChange, rateWithdrawn } from "./words/rates.ts";
import { invoiceIssued, projectedExhaustion, spike, usageReport, waste } from "./words/reports.ts";
import {
  budgetThreshold,
  creditsExpiring,
  limitPassed,
  maximumReached,
  usageThreshold,
} from "./words/usage.ts";

/** The reader of an account's notifications; an account that D1 does not know goes by its id, in UTC. */
export function readerOf(
  accountKey: string,
  account: {
    readonly profile: { readonly name: string };
    readonly terms: { readonly timeZone: string };
  } | null,
): Reader {
  return {
    mode: modeOf(accountKey),
    accountName: account?.profile.name ?? accountIdOf(accountKey),
    timeZone: account?.terms.timeZone ?? "UTC",
  };
}

export function messageOf(content: NotificationContent, reader: Reader): Message {
  switch (content.kind) {
    case "usage_threshold":
      return usageThreshold(content, reader);
    case "limit_passed":
      return limitPassed(content, reader);
    case "maximum_reached":
      return maximumReached(content, reader);
    case "budget_threshold":
      return budgetThreshold(content, reader);
    case "credits_expiring":
      return creditsExpiring(content, reader);
    case "automatic_upgrade":
      return automaticUpgrade(content, reader);
    case "upgrade_unavailable":
      return upgradeUnavailable(content, reader);
    case "setting_changed":
      return settingChanged(content, reader);
    case "setting_waiting":
      return settingWaiting(content, reader);
    case "maximum_raised":
      return maximumRaised(content, reader);
    case "term_ending":
      return termEnding(content, reader);
    case "packs_ended":
      return packsEnded(content, reader);
    case "grant_added":
      return grantAdded(content, reader);
    case "feature_paused":
    case "feature_resumed":
      return featurePausedOrResumed(content, reader);
    case "account_suspended":
    case "account_closed":
      return accountSuspendedOrClosed(content, reader);
    case "account_resumed":
      return accountResumed(content, reader);
    case "account_rates_changed":
      return accountRatesChanged(content, reader);
    case "account_rates_withdrawn":
      return accountRatesWithdrawn(content, reader);
    case "rate_change":
      return rateChange(content, reader);
    case "rate_withdrawn":
      return rateWithdrawn(content, reader);
    case "usage_report":
      return usageReport(content, reader);
    case "projected_exhaustion":
      return projectedExhaustion(content, reader);
    case "spike":
      return spike(content, reader);
    case "waste":
      return waste(content, reader);
    case "invoice_issued":
      return invoiceIssued(content, reader);
  }
}
