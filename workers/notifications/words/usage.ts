/** Words of notices about what was used: thresholds, limit, maximum, budgets, credits that expire (rules, 6.1 and 6.4). */
import { creditsText, dayText, instantText } from "../../../shared/text.ts";
import { atTheLimit, type Content, type Message, type Reader, whatAdminsCanDo } from "./message.ts";

export function usageThreshold(content: Content<"usage_threshold">, reader: Reader): Message {
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

export function limitPassed(content: Content<"limit_passed">, reader: Reader): Message {
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

export function maximumReached(content: Content<"maximum_reached">, reader: Reader): Message {
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

/** Credits that are about to expire unused (6.4). */
export function creditsExpiring(content: Content<"credits_expiring">, reader: Reader): Message {
  const expire = instantText(content.expireAtMs, reader.timeZone);
  return {
    title: `${creditsText(content.remainingMicros)} credits are about to expire`,
    paragraphs: [
      `${reader.accountName} has ${creditsText(content.remainingMicros)} of its ${creditsText(content.limitMicros)} credits left. What is not used by ${expire} expires; nothing is carried over.`,
      "If this happens each month, a super admin or billing admin can choose fewer or smaller packs for the next term.",
    ],
  };
}

const BUDGET_OF = { user: "the user", team: "the team", feature: "the feature", workflow: "the workflow" };

/** A budget at 75, 90 or 100 % (9.3). */
export function budgetThreshold(content: Content<"budget_threshold">, reader: Reader): Message {
  const { budget, subject, key, hard, percent, usedMicros, ofMicros } = content;
  const reset = instantText(content.resetAtMs, reader.timeZone);
  const spent = usedMicros >= ofMicros;
  return {
    title: spent ? `The budget "${budget}" is used up` : `${percent}% of the budget "${budget}" is used`,
    paragraphs: [
      `In ${reader.accountName}, ${BUDGET_OF[subject]} "${key}" has used ${creditsText(usedMicros)} of its budget of ${creditsText(ofMicros)} credits.`,
      atTheBudget(hard, spent, reset),
      "A super admin or billing admin can change the budget.",
    ],
  };
}

function atTheBudget(hard: boolean, spent: boolean, reset: string): string {
  if (!hard) return "The budget only tells; usage goes on.";
  return spent
    ? `Uses that count in it are denied until the reset on ${reset} or until the budget is raised.`
    : `When it is used up, uses that count in it are denied until the reset on ${reset}.`;
}
