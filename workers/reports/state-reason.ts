/** The state of an account in words (rules, sections 1 and 10.1): why it is what it is, and until when. */
import type { Balance } from "../../shared/credits/balance.ts";
import { creditsText, instantText } from "../../shared/text.ts";

export function stateReason(balance: Balance, timeZone: string): string {
  const reset = `the reset on ${instantText(balance.resetAtMs, timeZone)}`;
  const limit = creditsText(balance.limitMicros);
  const paused = "features that cost credits are paused until";
  switch (balance.state) {
    case "active":
      return `${creditsText(balance.remainingMicros)} of ${limit} credits remain until ${reset}.`;
    case "overage": {
      const above = `Usage is ${creditsText(balance.overageMicros)} credits above the monthly limit of ${limit}`;
      return `${above}; ${overageWords(balance)} until ${reset}.`;
    }
    case "exhausted": {
      const none = balance.setting === "auto_upgrade" ? ", and no more packs are added automatically" : "";
      return `All ${limit} credits of the monthly limit are ${taken(balance)}${none}; ${paused} ${reset} or until a pack is bought.`;
    }
    case "suspended":
      return closedOrSuspended(balance, timeZone);
    case "maximum_reached": {
      const maximum = creditsText(balance.maximumMicros ?? 0);
      return `All ${maximum} credits of the account's maximum are ${taken(balance)}; ${paused} ${reset} or until the maximum is raised.`;
    }
  }
}

function closedOrSuspended({ closedAtMs, suspendedAtMs }: Balance, timeZone: string): string {
  if (closedAtMs !== null) return `The account was closed on ${instantText(closedAtMs, timeZone)}.`;
  const since = suspendedAtMs === null ? "" : ` since ${instantText(suspendedAtMs, timeZone)}`;
  return `The account is suspended${since}; everything is denied until it is resumed.`;
}

function taken({ heldMicros }: Balance): string {
  return heldMicros > 0 ? `used or held (${creditsText(heldMicros)} held)` : "used";
}

function overageWords({ setting, overagePrice, currency }: Balance): string {
  if (setting !== "pay_as_you_go") return "it was recorded, and what costs credits adds packs";
  return overagePrice === null
    ? "it goes on, at no agreed price,"
    : `it goes on at ${overagePrice} ${currency} per credit`;
}
