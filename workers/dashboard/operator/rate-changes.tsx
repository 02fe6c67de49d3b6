/** What one version of the rate sheet changes against another, action by action (rules, 8.4). */

import { featuresSchema, toFeatures } from "../../../shared/api/rate-sheets.ts";
import type { PublishRateSheet } from "../../../shared/client/types.ts";
import { formatMicros } from "../../../shared/credits/amounts.ts";
import { type Price, type RateChange, rateChanges } from "../../../shared/credits/rate-changes.ts";
import { priceText } from "../account/prices/rate-words.ts";
import type { Format } from "../format.ts";
import type { Html } from "../page.tsx";
import { Badge, Empty, Table, type Tone } from "../parts/blocks.tsx";
import { NONE } from "../parts/words.ts";

type Features = PublishRateSheet["features"];

const KINDS: Readonly<Record<RateChange["kind"], { readonly tone: Tone; readonly label: string }>> = {
  raised: { tone: "warning", label: "Costs more" },
  priced: { tone: "warning", label: "Beta ends" },
  lowered: { tone: "good", label: "Costs less" },
  added: { tone: "accent", label: "New" },
  removed: { tone: "plain", label: "Removed" },
};

/** Features as the wire has them, valid ones. */
export function changesBetween(from: Features, to: Features): readonly RateChange[] {
  return rateChanges(toFeatures(featuresSchema.parse(from)), toFeatures(featuresSchema.parse(to)));
}

/** Whether it needs notice: something costs more, or a beta feature gets a price. */
export function needsNotice(changes: readonly RateChange[]): boolean {
  return changes.some(({ kind }) => kind === "raised" || kind === "priced");
}

interface ChangesProps {
  readonly changes: readonly RateChange[];
  readonly format: Format;
}

export function RateChanges({ changes, format }: ChangesProps): Html {
  if (changes.length === 0) return <Empty text="No price changes." />;
  const price = (value: Price | null) =>
    value === null
      ? NONE
      : priceText(
          {
            credits: formatMicros(value.creditsMicros),
            per: formatMicros(value.perMicros),
            blocks: value.blocks,
          },
          format,
        );
  return (
    <Table
      caption="Changed prices"
      columns={[{ label: "Action" }, { label: "Before" }, { label: "After" }]}
      rows={changes.map((change) => [
        <>
          {change.actionName}
          <small class="break">{change.featureName}</small>
          <Badge tone={KINDS[change.kind].tone}>{KINDS[change.kind].label}</Badge>
        </>,
        price("from" in change ? change.from : null),
        price("to" in change ? change.to : null),
      ])}
    />
  );
}
