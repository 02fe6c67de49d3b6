/** What the analysis adds to a usage report (rules, 6.4): of the last closed period, and a look at the new one. */
import type { Notice } from "../../shared/credits/notices.ts";
import { localDay } from "../../shared/credits/period.ts";
import type { CallContext } from "../../shared/protocol.ts";
import { foundSpikes, wholeCredits } from "../../shared/reports/daily-analysis.ts";
import { addDays } from "../../shared/reports/days.ts";
import type { ReportInsights } from "../../shared/reports/insight-notices.ts";
import { spentByFeature } from "../../shared/reports/insights.ts";
import { forecastAt, HISTORY_DAYS } from "../../shared/reports/known-use.ts";
import { SPIKE_MEAN_DAYS } from "../../shared/reports/spikes.ts";
import { accountOf } from "../account/stub.ts";
import type { Env } from "../env.ts";
import { type AccountUse, readAccountUse } from "./account-use.ts";
import { periodRange, wasteIn } from "./period-waste.ts";

type UsageReport = Extract<Notice, { readonly kind: "usage_report" }>;

const TOP_FEATURES = 5;
const SPIKES_MAX = 5;
/** What is asked of an account here needs no newer offer than it knows. */
const NO_OFFER: CallContext = { offerRevision: 0 };

/** null where nothing was used, or D1 does not know the period. */
export async function reportInsights(
  env: Env,
  accountKey: string,
  { periods, atMs }: UsageReport,
): Promise<ReportInsights | null> {
  const last = periods.at(-1);
  if (last === undefined || last.usedMicros === 0) return null;
  const view = await accountOf(env, accountKey).report(NO_OFFER);
  if (view.kind !== "view") return null;
  const today = localDay(atMs, view.terms.timeZone);
  const use = await readAccountUse(env, accountKey, view, NO_OFFER, (closed) => {
    const period = closed.find((candidate) => candidate.period === last.period);
    return {
      history: { from: addDays(today, -HISTORY_DAYS), to: today },
      featureDays: { from: addDays(last.period, -SPIKE_MEAN_DAYS), to: today },
      range: period === undefined ? null : periodRange(view, period),
      consumers: 0,
    };
  });
  const period = use.closed.find((candidate) => candidate.period === last.period);
  if (period === undefined) return null;
  const range = periodRange(view, period);
  return {
    topFeatures: topFeatures(use),
    projection: projectionAt(use, atMs),
    spikes: foundSpikes({ ...use, ...use.data }, range.days)
      .toSorted((a, b) => b.aboveMeanMicros - a.aboveMeanMicros)
      .slice(0, SPIKES_MAX)
      .map(({ aboveMeanMicros: _, ...spike }) => spike),
    waste: await wasteIn(env, accountKey, use, range),
  };
}

function topFeatures({ data }: AccountUse): ReportInsights["topFeatures"] {
  return spentByFeature(data.features)
    .map(({ feature, creditsMicros }) => ({ feature, creditsMicros: Number(creditsMicros) }))
    .filter(({ creditsMicros }) => creditsMicros > 0)
    .sort((a, b) => b.creditsMicros - a.creditsMicros || (a.feature < b.feature ? -1 : 1))
    .slice(0, TOP_FEATURES);
}

/** Of the period that begins with the report. */
function projectionAt({ known, periods }: AccountUse, nowMs: number): ReportInsights["projection"] {
  const period = periods.find(({ startMs }) => startMs === nowMs);
  if (period === undefined) return null;
  const { projected, exhaustedOn } = forecastAt(known, { nowMs, period, usedMicros: 0 });
  const projectedMicros = wholeCredits(projected.expectedMicros);
  if (projectedMicros === 0) return null;
  return { projectedMicros, limitMicros: period.limitMicros, exhaustedOn: exhaustedOn.expected };
}
