/** Words of reports, of what their analysis found, and of invoices (rules, sections 6.4, 7.3, 10.6 and 10.7). */
import type { InvoiceKind } from "../../../shared/credits/invoice.ts";
import { localDay } from "../../../shared/credits/period.ts";
import type { ReportInsights, Spike, Waste } from "../../../shared/reports/insight-notices.ts";
import { creditsText, dayText, instantText, moneyText } from "../../../shared/text.ts";
import { type Content, type Message, namesText, type Reader } from "./message.ts";

export function usageReport(content: Content<"usage_report">, reader: Reader): Message {
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
      ...(content.insights === undefined ? [] : insightLines(content.insights)),
      `A new period has begun with nothing used; its reset is on ${reset}.`,
    ],
  };
}

const SPIKES_NAMED_MAX = 5;

/** What the analysis adds to a report: who used most, what lies ahead, what was probably wasted (6.4). */
function insightLines(insights: ReportInsights): readonly string[] {
  const { topFeatures, projection, spikes, waste: wasted } = insights;
  const top = topFeatures.map(({ feature, creditsMicros }) => `${feature} ${creditsText(creditsMicros)}`);
  return [
    ...(top.length === 0 ? [] : [`Most credits were used by: ${namesText(top)}.`]),
    ...spikes.slice(0, SPIKES_NAMED_MAX).map(spikeText),
    ...(wasted === null ? [] : wasteLines(wasted)),
    ...(projection === null ? [] : [projectionText(projection)]),
  ];
}

function projectionText({
  projectedMicros,
  limitMicros,
  exhaustedOn,
}: NonNullable<ReportInsights["projection"]>) {
  const projected = `At this pace ${creditsText(projectedMicros)} of ${creditsText(limitMicros)} credits will be used by the next reset`;
  return exhaustedOn === null ? `${projected}.` : `${projected}; they run out on ${dayText(exhaustedOn)}.`;
}

function spikeText({ feature, day, creditsMicros, meanMicros }: Spike): string {
  return `On ${dayText(day)}, ${feature} used ${creditsText(creditsMicros)} credits; the mean of the 14 days before is ${creditsText(meanMicros)}.`;
}

function wasteLines({ duplicatesMicros, withoutOutcomeMicros, unownedFeatures }: Waste): readonly string[] {
  return [
    ...(duplicatesMicros === 0
      ? []
      : [
          `${creditsText(duplicatesMicros)} credits went into duplicates: the same action for the same subject again within 24 hours.`,
        ]),
    ...(withoutOutcomeMicros === 0
      ? []
      : [`${creditsText(withoutOutcomeMicros)} credits went into features without any outcome.`]),
    ...(unownedFeatures.length === 0 ? [] : [`Features that nobody owns: ${namesText(unownedFeatures)}.`]),
  ];
}

/** Credits will probably run out before the reset (6.4). */
export function projectedExhaustion(content: Content<"projected_exhaustion">, reader: Reader): Message {
  const reset = instantText(content.resetAtMs, reader.timeZone);
  return {
    title: `Credits will probably run out on ${dayText(content.exhaustedOn)}`,
    paragraphs: [
      `At its present pace ${reader.accountName} will use ${creditsText(content.projectedMicros)} credits in this period; its limit is ${creditsText(content.limitMicros)}.`,
      `The reset is on ${reset}. A super admin or billing admin can buy a pack or choose another overage setting before the limit is reached.`,
    ],
  };
}

/** A feature used far more than usual (6.4). */
export function spike(content: Content<"spike">, reader: Reader): Message {
  return {
    title: `Unusual usage of "${content.feature}"`,
    paragraphs: [
      `This is about ${reader.accountName}. ${spikeText(content)}`,
      "The usage log shows who and what caused it; an admin or the owner of the feature can pause it.",
    ],
  };
}

/** What was probably spent for nothing (10.7). */
export function waste(content: Content<"waste">, reader: Reader): Message {
  return {
    title: "Some credits may be wasted",
    paragraphs: [
      `In the period from ${dayText(content.period)}, some usage of ${reader.accountName} looks wasted.`,
      ...wasteLines(content),
      "The insights of the account show the details.",
    ],
  };
}

const CHARGED: Record<InvoiceKind, string> = {
  overage: "for usage above the limit in",
  packs: "for packs in",
  adjustment: "for credits taken back for",
  credit_note: "for",
};

export function invoiceIssued(content: Content<"invoice_issued">, reader: Reader): Message {
  const { document = "overage", number, totalMinor, currency } = content;
  const total = moneyText({ amountMinor: Math.abs(totalMinor), currency });
  const what = `for ${total} was issued to ${reader.accountName}, ${CHARGED[document]} the period from ${dayText(content.period)}.`;
  if (document === "credit_note") {
    return { title: `Credit note ${number} was issued`, paragraphs: [`Credit note ${number} ${what}`] };
  }
  const due =
    totalMinor === 0
      ? "Earlier credits cover it; nothing has to be paid."
      : `It is due on ${dayText(localDay(content.dueAtMs, reader.timeZone))}.`;
  return { title: `Invoice ${number} was issued`, paragraphs: [`Invoice ${number} ${what}`, due] };
}
