/**
 * The words of each notification: what happened, what happens next, what an admin can do. Pure: a fact and its reader
 * in, plain text out; amounts come from the fact, which does not change.
 */
import { accountIdOf, modeOf } from "../../shared/account-key.ts";
import type { Mode } from "../../shared/api/common.ts";
import type { OverageSetting } from "../../shared/credits/state.ts";
import type { InvoiceIssued, NotificationContent } from "../../shared/queues.ts";
import { creditsText, dayText, instantText, moneyText } from "../../shared/text.ts";

/** Whom a text is for: times are in the account's own time zone. */
export interface Reader {
  readonly mode: Mode;
  readonly accountName: string;
  readonly timeZone: string;
}

export interface Message {
  readonly title: string;
  /** Plain text, one sentence or more each. */
  readonly paragraphs: readonly string[];
}

type Content<Kind extends NotificationContent["kind"]> = Extract<
  NotificationContent,
  { readonly kind: Kind }
>;

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
    case "usage_report":
      return usageReport(content, reader);
    case "invoice_issued":
      return invoiceIssued(content, reader);
  }
}

const SETTING_NAMES: Record<OverageSetting, string> = {
  pause: "pause at the limit",
  auto_upgrade: "automatic upgrade",
  pay_as_you_go: "pay as you go",
};

export function settingName(setting: OverageSetting): string {
  return SETTING_NAMES[setting];
}

/** What the setting makes of usage that reaches the limit. */
function atTheLimit(setting: OverageSetting, reset: string): string {
  switch (setting) {
    case "pause":
      return `At the limit, features that use credits stop until the reset on ${reset} or until a pack is bought.`;
    case "auto_upgrade":
      return "When usage goes above the limit, packs are added automatically and invoiced.";
    case "pay_as_you_go":
      return `Usage above the limit goes on and is invoiced after the reset on ${reset}.`;
  }
}

function whatAdminsCanDo(setting: OverageSetting): string {
  switch (setting) {
    case "pause":
      return "A super admin or billing admin can buy a pack.";
    case "auto_upgrade":
    case "pay_as_you_go":
      return "A super admin or billing admin can buy a pack, set a maximum or choose another overage setting.";
  }
}

function usageThreshold(content: Content<"usage_threshold">, reader: Reader): Message {
  const { subject, percent, usedMicros, ofMicros, setting } = content;
  const reset = instantText(content.resetAtMs, reader.timeZone);
  const since = `in the period that began on ${dayText(content.period)}`;
  const used = `${reader.accountName} has used ${creditsText(usedMicros)} of its ${creditsText(ofMicros)} credits`;
  if (subject === "limit") {
    return {
      title: `${percent}% of the monthly credit limit is used`,
      paragraphs: [`${used} ${since}.`, atTheLimit(setting, reset), whatAdminsCanDo(setting)],
    };
  }
  return {
    title: `${percent}% of the maximum monthly credit limit is used`,
    paragraphs: [
      `${used} ${since}; that is the maximum that the account has set for itself.`,
      `At the maximum, features that use credits stop until the reset on ${reset} or until the maximum is raised.`,
      "A super admin or billing admin can raise the maximum.",
    ],
  };
}

function limitPassed(content: Content<"limit_passed">, reader: Reader): Message {
  const { usedMicros, limitMicros, setting } = content;
  const reset = instantText(content.resetAtMs, reader.timeZone);
  const used = `${reader.accountName} has used ${creditsText(usedMicros)} of its ${creditsText(limitMicros)} credits`;
  switch (setting) {
    case "pause":
      return usedMicros >= limitMicros
        ? {
            title: "The monthly credits are used up",
            paragraphs: [
              `${used}.`,
              `Features that use credits are paused until the reset on ${reset} or until a pack is bought.`,
              whatAdminsCanDo(setting),
            ],
          }
        : {
            title: "The monthly credits are nearly used up",
            paragraphs: [
              `${used}, and a use that costs more than what is left was denied.`,
              `Such uses stay denied until the reset on ${reset} or until a pack is bought.`,
              whatAdminsCanDo(setting),
            ],
          };
    case "auto_upgrade":
      return {
        title: "Automatic upgrades are at their end for this period",
        paragraphs: [
          `${used}, and a use needed more packs than can be added automatically in this period.`,
          `Uses above the limit stay denied until the reset on ${reset} or until a pack is bought.`,
          "A super admin or billing admin can buy a pack or choose another overage setting.",
        ],
      };
    case "pay_as_you_go":
      return {
        title: "Usage is above the monthly credit limit",
        paragraphs: [
          `${used}; ${creditsText(Math.max(0, usedMicros - limitMicros))} credits are above the limit.`,
          `Usage goes on. What is above the limit at the reset on ${reset} is invoiced then.`,
          "A super admin or billing admin can buy a pack, which takes the usage in, set a maximum or choose another overage setting.",
        ],
      };
  }
}

function maximumReached(content: Content<"maximum_reached">, reader: Reader): Message {
  const { usedMicros, maximumMicros } = content;
  const reset = instantText(content.resetAtMs, reader.timeZone);
  const reached = usedMicros >= maximumMicros;
  const used = `${reader.accountName} has used ${creditsText(usedMicros)} credits; its maximum is ${creditsText(maximumMicros)}`;
  return {
    title: `The maximum monthly credit limit is ${reached ? "reached" : "nearly reached"}`,
    paragraphs: [
      reached ? `${used}.` : `${used}, and a use that costs more than what is left below it was denied.`,
      `${reached ? "Features that use credits are paused" : "Such uses stay denied"} until the reset on ${reset} or until the maximum is raised.`,
      "A super admin or billing admin can raise the maximum.",
    ],
  };
}

function automaticUpgrade(content: Content<"automatic_upgrade">, reader: Reader): Message {
  const { packs, packName, price, usedMicros, limitMicros } = content;
  const one = packs === 1;
  return {
    title: one ? "A pack was added automatically" : `${packs} packs were added automatically`,
    paragraphs: [
      `${reader.accountName} needed more credits than its limit, so ${packs} × ${packName} ${one ? "was" : "were"} added for ${moneyText(price)} in this period.`,
      `The monthly limit is now ${creditsText(limitMicros)} credits, of which ${creditsText(usedMicros)} are used. What was added stays for the rest of the commitment term.`,
      "A super admin or billing admin can set a maximum or choose another overage setting, so that no more is added.",
    ],
  };
}

function upgradeUnavailable(content: Content<"upgrade_unavailable">, reader: Reader): Message {
  const reset = instantText(content.resetAtMs, reader.timeZone);
  return {
    title: "No pack is on sale for automatic upgrades",
    paragraphs: [
      `${reader.accountName} needs more credits and is set to automatic upgrade, but no pack is on sale in ${content.currency}.`,
      `Uses above the limit are denied until the reset on ${reset}.`,
      `A super admin or billing admin can choose another overage setting; the provider can offer a pack in ${content.currency}.`,
    ],
  };
}

function settingChanged(content: Content<"setting_changed">, reader: Reader): Message {
  const reset = instantText(content.resetAtMs, reader.timeZone);
  return {
    title: `The overage setting is now ${settingName(content.to)}`,
    paragraphs: [
      `The overage setting of ${reader.accountName} was changed from ${settingName(content.from)} to ${settingName(content.to)}; it is in force.`,
      atTheLimit(content.to, reset),
      "A super admin or billing admin can change it again.",
    ],
  };
}

function settingWaiting(content: Content<"setting_waiting">, reader: Reader): Message {
  const effective = instantText(content.effectiveAtMs, reader.timeZone);
  return {
    title: "A change of the overage setting waits for the reset",
    paragraphs: [
      `The overage setting of ${reader.accountName} changes from ${settingName(content.from)} to ${settingName(content.to)} on ${effective}, because credits were already used in this period.`,
      `Until then ${settingName(content.from)} stays in force.`,
      "A super admin or billing admin can cancel the change or choose another one.",
    ],
  };
}

function maximumRaised(content: Content<"maximum_raised">, reader: Reader): Message {
  return {
    title: "Please review the maximum monthly credit limit",
    paragraphs: [
      `A purchase raised the limit of ${reader.accountName} above its maximum, so the maximum went from ${creditsText(content.fromMicros)} to ${creditsText(content.toMicros)} credits.`,
      "Up to the new maximum, usage goes on.",
      "A super admin or billing admin can set another maximum.",
    ],
  };
}

function usageReport(content: Content<"usage_report">, reader: Reader): Message {
  const { periods } = content;
  const [first] = periods;
  const title =
    first !== undefined && periods.length === 1
      ? `Usage report for the period from ${dayText(first.period)}`
      : `Usage report for ${periods.length} periods`;
  const lines = periods.map(
    (closed) =>
      `Period from ${dayText(closed.period)}: ${creditsText(closed.usedMicros)} of ${creditsText(closed.limitMicros)} credits used, ${creditsText(closed.expiredMicros)} expired unused, ${creditsText(closed.overageMicros)} above the limit.`,
  );
  const reset = instantText(content.resetAtMs, reader.timeZone);
  return {
    title,
    paragraphs: [
      `This is what ${reader.accountName} used.`,
      ...lines,
      `A new period has begun with nothing used; its reset is on ${reset}.`,
    ],
  };
}

function invoiceIssued(content: InvoiceIssued, reader: Reader): Message {
  const total = moneyText({ amountMinor: content.totalMinor, currency: content.currency });
  return {
    title: `Invoice ${content.number} was issued`,
    paragraphs: [
      `Invoice ${content.number} for ${total} was issued to ${reader.accountName}, for the period from ${dayText(content.period)}.`,
      `It is due on ${instantText(content.dueAtMs, reader.timeZone)}.`,
    ],
  };
}
