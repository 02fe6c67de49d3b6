/** Credits that will probably expire unused at the reset (rules, 10.6). */
import type { Insights } from "../../../../shared/client/types.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Figures } from "../../parts/blocks.tsx";
import type { InsightsProps } from "./insights.tsx";

type Amount = NonNullable<Insights["expiring"]>["expected"];

export function ExpiringCard({ insights: { expiring }, page }: InsightsProps): Html {
  if (expiring === null) return <></>;
  const { at, low, expected, high } = expiring;
  const { format, root } = page;
  if (high.credits === 0) {
    return (
      <Card title="Credits likely to expire">
        <p>{`Probably none: the credits are used up before the reset on ${format.date(at)}.`}</p>
      </Card>
    );
  }
  const range =
    low.credits === high.credits
      ? []
      : [
          { label: "At least", ...amount(low, page) },
          { label: "At most", ...amount(high, page) },
        ];
  return (
    <Card title="Credits likely to expire">
      <p>{`Credits that are not used expire at the reset on ${format.date(at)}. Money is their share of what the packs cost.`}</p>
      <Figures figures={[{ label: "Expected", ...amount(expected, page) }, ...range]} />
      {high.money.amountMinor === 0 ? null : (
        <p class="muted spaced">
          If this comes back every period, fewer or smaller packs would do: see your{" "}
          <a href={`${root}/packs`}>packs</a>.
        </p>
      )}
    </Card>
  );
}

function amount({ credits, money }: Amount, { format }: AccountPage) {
  return {
    value: format.credits(credits),
    note: money.amountMinor === 0 ? "included, paid with the plan" : format.money(money),
  };
}
