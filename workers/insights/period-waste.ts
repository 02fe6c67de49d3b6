/** What was wasted in a closed period: sums that were read, and a search of its log for duplicates (rules, 10.7). */
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import type { AccountReport } from "../../shared/protocol.ts";
import type { Waste } from "../../shared/reports/insight-notices.ts";
import { rangesOf, type UsageRange } from "../../shared/reports/range.ts";
import { wasteOf } from "../../shared/reports/waste-notice.ts";
import type { Env } from "../env.ts";
import { accountNow } from "../reports/usage-source.ts";
import { type AccountUse, ownedFeatures } from "./account-use.ts";
import { ENTRIES_SEARCHED_AT_NIGHT_MAX, searchDuplicates } from "./duplicates.ts";

/** All that counts in the period, whatever its day. */
export function periodRange(view: AccountReport, closed: ClosedPeriod): UsageRange {
  const ranges = rangesOf({ kind: "period", name: closed.period }, accountNow(view), [closed]);
  if (ranges === null) throw new Error(`${closed.period} is no period`);
  return ranges.current;
}

/** null where nothing was wasted. `use` has to hold the sums of the period. */
export async function wasteIn(
  env: Env,
  accountKey: string,
  { view, data }: Pick<AccountUse, "view" | "data">,
  range: UsageRange,
): Promise<Waste | null> {
  const features = data.features.filter(({ period }) => period === range.period);
  const outcomes = data.outcomes.filter(({ period }) => period === range.period);
  if (features.every(({ creditsMicros }) => creditsMicros === 0n)) return null;
  const { report } = await searchDuplicates(env.DB, accountKey, view, range, ENTRIES_SEARCHED_AT_NIGHT_MAX);
  const owned = ownedFeatures(view);
  return wasteOf({ features, outcomes, duplicatesMicros: report.creditsMicros, owned });
}
