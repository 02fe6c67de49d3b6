/** Words of notices about the rate sheet (rules, sections 8.1 and 8.4). */
import { formatMicros } from "../../../shared/credits/amounts.ts";
import type { Price, RateRise } from "../../../shared/credits/rate-changes.ts";
import { creditsText, instantText, numberText } from "../../../shared/text.ts";
import type { Content, Message, Reader } from "./message.ts";

export function rateChange(content: Content<"rate_change">, reader: Reader): Message {
  const { version, changes, changesOmitted, shortNotice } = content;
  const from = instantText(content.effectiveAtMs, reader.timeZone);
  return {
    title: `Prices change on ${from}`,
    paragraphs: [
      `${reader.accountName} uses features whose prices change on ${from} (version ${version} of the rate sheet). Until then today's prices stay in force.`,
      ...changes.map(changeText),
      ...(changesOmitted === 0 ? [] : [`${changesOmitted} more prices change.`]),
      ...(shortNotice ? ["This is a shorter notice than the usual 30 days."] : []),
      "The account's price list shows all prices and the changes ahead.",
    ],
  };
}

function changeText({ kind, featureName, actionName, from, to }: RateRise): string {
  const what = `${featureName}, ${actionName}`;
  return kind === "priced"
    ? `${what}: free until then, ${priceText(to)} from then on.`
    : `${what}: ${priceText(from)} until then, ${priceText(to)} from then on.`;
}

function priceText({ creditsMicros, perMicros, blocks }: Price): string {
  const credits = `${creditsText(creditsMicros)} credits per ${blocks ? "started " : ""}`;
  return `${credits}${numberText(formatMicros(perMicros))}`;
}

export function rateWithdrawn(content: Content<"rate_withdrawn">, reader: Reader): Message {
  const from = instantText(content.effectiveAtMs, reader.timeZone);
  return {
    title: "A change of prices was withdrawn",
    paragraphs: [
      `Version ${content.version} of the rate sheet, which was to change prices of features that ${reader.accountName} uses on ${from}, was withdrawn and does not take effect.`,
      "The account's price list shows the prices in force and the changes ahead.",
    ],
  };
}
