/** Words of notices about the account, its features and its own rates (rules, sections 2.6, 8.4, 8.5 and 10.4). */
import { instantText } from "../../../shared/text.ts";
import { type Content, type Message, namesText, type Reader } from "./message.ts";

export function featurePausedOrResumed(
  content: Content<"feature_paused" | "feature_resumed">,
  reader: Reader,
): Message {
  const { feature } = content;
  return content.kind === "feature_paused"
    ? {
        title: `The feature "${feature}" is paused`,
        paragraphs: [
          `The feature "${feature}" of ${reader.accountName} was paused by hand. Its uses are denied; a reset does not end this.`,
          "An admin or the owner of the feature can resume it.",
        ],
      }
    : {
        title: `The feature "${feature}" is resumed`,
        paragraphs: [
          `The feature "${feature}" of ${reader.accountName} is not paused any more.`,
          "Its uses are allowed as far as credits, budgets and access let them.",
        ],
      };
}

export function accountSuspendedOrClosed(
  content: Content<"account_suspended" | "account_closed">,
  reader: Reader,
): Message {
  const reason = content.reason === "" ? [] : [`The reason: ${content.reason}`];
  return content.kind === "account_suspended"
    ? {
        title: "The account is suspended",
        paragraphs: [
          `${reader.accountName} was suspended by the provider. Every use of credits is denied until it is resumed; reports and invoices can still be read.`,
          ...reason,
          "Please talk to the provider.",
        ],
      }
    : {
        title: "The account is closed",
        paragraphs: [
          `${reader.accountName} was closed by the provider. Its last period has ended; nothing can be used any more.`,
          ...reason,
          "The last invoice and credit notes follow, where there is something to settle.",
        ],
      };
}

export function accountResumed(_content: Content<"account_resumed">, reader: Reader): Message {
  return {
    title: "The account is resumed",
    paragraphs: [
      `${reader.accountName} is not suspended any more.`,
      "Features that use credits work again, as far as credits and settings let them.",
    ],
  };
}

/** Rates agreed with this account alone change (8.4, 8.5). */
export function accountRatesChanged(content: Content<"account_rates_changed">, reader: Reader): Message {
  const from = instantText(content.effectiveAtMs, reader.timeZone);
  const { raised } = content;
  return {
    title: raised.length === 0 ? "The account's own rates change" : "Some of the account's own rates go up",
    paragraphs: [
      `The rates agreed with ${reader.accountName} change on ${from} (version ${content.version}).`,
      ...(raised.length === 0
        ? []
        : [
            `More credits than before: ${namesText(raised.map(({ feature, action }) => `${feature} / ${action}`))}.`,
          ]),
      ...(content.shortNotice ? ["This is less than the usual 30 days ahead."] : []),
      "The account's price list shows the rates now and those ahead.",
    ],
  };
}

export function accountRatesWithdrawn(content: Content<"account_rates_withdrawn">, reader: Reader): Message {
  const from = instantText(content.effectiveAtMs, reader.timeZone);
  return {
    title: "A change of the account's own rates was withdrawn",
    paragraphs: [
      `Version ${content.version} of the rates of ${reader.accountName}, which was to apply from ${from}, was withdrawn.`,
      "The rates in force stay as they are.",
    ],
  };
}
