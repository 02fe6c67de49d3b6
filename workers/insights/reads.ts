/** What D1 knows of an account's use (rules, section 10), in one batch and so of one moment, with the tail added. */
import type { DayRange } from "../../shared/reports/days.ts";
import { foldEntries, type SeqSpan, withoutHeld } from "../../shared/reports/fold.ts";
import type { ConsumerSum, FeatureSum, OutcomeSum } from "../../shared/reports/insights.ts";
import { type DayUse, SHORTAGE_REASONS } from "../../shared/reports/known-use.ts";
import type { FeatureDay } from "../../shared/reports/spikes.ts";
import { SEGMENT_ENTRIES_MAX } from "../account/segments.ts";
import { ACCOUNT, CONSUMERS, DAYS, FEATURE_DAYS, FEATURES, HELD, OUTCOMES, SHORTAGES } from "./statements.ts";
import { keysOf, NO_DAYS, type UseData, type UseQuestion, withTail } from "./use-data.ts";

/** Of one statement: some hundred features on each of some hundred days. */
const FEATURE_DAYS_MAX = 20_000;
const MICROS_PER_UNIT = 1_000_000n;

type Texts<Row> = { readonly [Field in keyof Row]: Row[Field] extends bigint ? string : Row[Field] };
type DayRow = Omit<DayUse, "creditsMicros"> & { readonly creditsMicros: string };
type FeatureDayRow = Omit<FeatureDay, "creditsMicros"> & { readonly creditsMicros: string };
type OutcomeRow = Texts<Omit<OutcomeSum, "quantityMicros">> & {
  readonly units: string;
  readonly restMicros: string;
};
interface AccountRow {
  readonly createdAtMs: number;
  readonly hourlyValueMinor: number | null;
  readonly catalog: string;
}

export async function readUse(database: D1Database, question: UseQuestion): Promise<UseData> {
  const { accountKey, tail, acknowledgedSeq, history, range, consumers } = question;
  const featureDays = question.featureDays ?? NO_DAYS;
  const search = range?.search ?? NO_DAYS;
  const inPeriod = [accountKey, search.from, search.to, range?.period ?? null];
  const of = (statement: string, ...bound: unknown[]) => database.prepare(statement).bind(...bound);
  const [days, byFeature, features, outcomes, top, held, shortages, account] = (await database.batch([
    of(DAYS, accountKey, history.from, history.to),
    of(FEATURE_DAYS, accountKey, featureDays.from, featureDays.to, FEATURE_DAYS_MAX),
    of(FEATURES, ...inPeriod),
    of(OUTCOMES, ...inPeriod),
    of(CONSUMERS, ...inPeriod, consumers, JSON.stringify(consumers === 0 ? [] : keysOf(tail))),
    of(HELD, accountKey, acknowledgedSeq, SEGMENT_ENTRIES_MAX),
    of(SHORTAGES, accountKey, history.from, history.to, JSON.stringify(SHORTAGE_REASONS)),
    of(ACCOUNT, accountKey),
  ])) as [
    D1Result<DayRow>,
    D1Result<FeatureDayRow>,
    D1Result<Texts<FeatureSum>>,
    D1Result<OutcomeRow>,
    D1Result<Texts<ConsumerSum>>,
    D1Result<SeqSpan>,
    D1Result<{ readonly day: string; readonly denials: number }>,
    D1Result<AccountRow>,
  ];
  const row = account.results[0];
  return withTail(question, foldEntries(withoutHeld(tail, held.results)), {
    days: days.results.map((use) => ({ ...use, creditsMicros: Number(use.creditsMicros) })),
    featureDays: byFeature.results.map((use) => ({ ...use, creditsMicros: Number(use.creditsMicros) })),
    featureDaysFrom: completeFrom(byFeature.results, featureDays),
    features: features.results.map(withCredits),
    outcomes: outcomes.results.map(({ units, restMicros, ...outcome }) => ({
      ...withCredits(outcome),
      valueMinor: BigInt(outcome.valueMinor),
      quantityMicros: BigInt(units) * MICROS_PER_UNIT + BigInt(restMicros),
    })),
    consumers: top.results.map(withCredits),
    shortages: new Map(shortages.results.map(({ day, denials }) => [day, denials])),
    createdAtMs: row?.createdAtMs ?? null,
    hourlyValueMinor: row?.hourlyValueMinor ?? null,
    catalog: row === undefined ? null : JSON.parse(row.catalog),
  });
}

function withCredits<Row extends { readonly creditsMicros: string }>(row: Row) {
  return { ...row, creditsMicros: BigInt(row.creditsMicros) };
}

/** Where rows were cut off, the oldest day that came may lack some. */
function completeFrom(rows: readonly FeatureDayRow[], { from }: DayRange): string {
  const oldest = rows.at(-1)?.day;
  if (rows.length < FEATURE_DAYS_MAX || oldest === undefined) return from;
  return rows.findLast(({ day }) => day > oldest)?.day ?? oldest;
}
