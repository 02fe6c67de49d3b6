/** Where the running period will probably go (rules, 10.6). */
import type { Forecast, UsageReport } from "../../../../shared/client/types.ts";
import { localDay, localDaySpan } from "../../../../shared/credits/period.ts";
import { cumulativeUse } from "../../charts/cumulative.ts";
import { ForecastChart } from "../../charts/forecast.tsx";
import type { Format } from "../../format.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Empty } from "../../parts/blocks.tsx";
import { dailyUse } from "./usage-days.ts";

interface ForecastProps {
  readonly forecast: Forecast;
  /** The running period by day. */
  readonly byDay: UsageReport;
  readonly page: AccountPage;
}

export function ForecastCard({ forecast, byDay, page }: ForecastProps): Html {
  const { format, view } = page;
  const { limit, used, maximum, exhaustedOn, days, basis } = forecast;
  if (basis.confidence === "none" || basis.wholeDays === 0) {
    return (
      <Card title="Forecast">
        <Empty text="There is no forecast yet: it begins after the first whole day of use." />
      </Card>
    );
  }
  const today = localDay(view.nowMs, view.terms.timeZone);
  const { startMs, endMs } = localDaySpan(view.nowMs, view.terms.timeZone);
  return (
    <Card title="Forecast">
      <p>
        {projectedText(forecast, format)} {exhaustionText(forecast, format)} {moneyText(forecast, format)}
      </p>
      <ForecastChart
        title="Use until the reset"
        format={format}
        actual={cumulativeUse(dailyUse(byDay), { first: byDay.from, today, used })}
        projected={days}
        limit={limit}
        maximum={maximum?.credits ?? null}
        exhaustedOn={used >= limit ? null : exhaustedOn.expected}
        todayShare={(view.nowMs - startMs) / (endMs - startMs)}
      />
      <details>
        <summary>What the forecast takes for granted</summary>
        <ul class="plain">
          <li>{confidenceText(forecast, format)}</li>
          {forecast.assumptions.map(({ text }) => (
            <li>{text}</li>
          ))}
        </ul>
      </details>
    </Card>
  );
}

function projectedText({ projected, overageSetting, limit }: Forecast, format: Format): string {
  const { low, expected, high } = projected;
  const range = low === high ? "" : ` (${format.credits(low)} to ${format.credits(high)})`;
  const credits = `${format.credits(expected)} credits${range}`;
  return overageSetting === "pause" && expected > limit
    ? `Demand until the reset is probably ${credits}, more than the limit.`
    : `Use at the reset is probably ${credits}.`;
}

function exhaustionText({ used, limit, exhaustedOn, expiring }: Forecast, format: Format): string {
  const { earliest, expected, latest } = exhaustedOn;
  if (used >= limit) return "The limit is reached already.";
  if (expected === null) {
    const left = `${format.credits(expiring.expected)} credits will probably expire unused.`;
    return earliest === null
      ? `The credits last until the reset; ${left}`
      : `The credits probably last until the reset, or run out on ${format.day(earliest)} at the earliest. ${left}`;
  }
  const from = earliest === null || earliest === expected ? null : `${format.day(earliest)} at the earliest`;
  const to = latest === null ? "perhaps not before the reset" : `${format.day(latest)} at the latest`;
  const range = format.list([...(from === null ? [] : [from]), ...(latest === expected ? [] : [to])]);
  return `The limit is probably reached on ${format.day(expected)}${range === "" ? "" : ` (${range})`}.`;
}

/** What it will cost above the limit, where it costs anything. */
function moneyText({ overage, maximum, used }: Forecast, format: Format): string {
  const { projected } = overage;
  const cost =
    projected === null || projected.high.amountMinor === 0
      ? []
      : [
          `Overage at the reset: probably ${format.money(projected.expected)}${rangeText(projected, format)}, before tax.`,
        ];
  const stop =
    maximum?.reachedOn.expected == null || used >= maximum.credits
      ? []
      : [`The maximum is probably reached on ${format.day(maximum.reachedOn.expected)}.`];
  return [...cost, ...stop].join(" ");
}

function rangeText({ low, high }: NonNullable<Forecast["overage"]["projected"]>, format: Format): string {
  return low.amountMinor === high.amountMinor ? "" : ` (${format.money(low)} to ${format.money(high)})`;
}

function confidenceText({ basis }: Forecast, format: Format): string {
  const known = format.plural(basis.wholeDays, "whole day");
  return `Confidence: ${basis.confidence}, from ${known} of use. The ranges leave out the lowest ${basis.lowPercent} and the highest ${100 - basis.highPercent} of 100 outcomes.`;
}
