/** What came of the credits (rules, 10.5): credits per outcome and value per credit. */

import type { Child } from "hono/jsx";
import type { Insights } from "../../../../shared/client/types.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge, Card, Empty, Figures, Table } from "../../parts/blocks.tsx";
import { featurePath } from "../../parts/paths.ts";
import { wordsOf } from "../../parts/words.ts";
import type { InsightsProps } from "./insights.tsx";

type Value = Insights["value"]["total"];

const COLUMNS = [
  { label: "Outcomes", number: true },
  { label: "Credits", number: true },
  { label: "Credits each", number: true },
  { label: "Value", number: true },
  { label: "Value per credit", number: true },
] as const;

export function ValueCard({ insights: { value }, names, page }: InsightsProps): Html {
  const { total, types, features } = value;
  const { root } = page;
  return (
    <Card title="Outcomes and value">
      {total.outcomes === 0 ? (
        <Empty text="No outcome was attached to the use of this time. Outcomes say what came of the credits: a ticket resolved, a meeting booked, hours saved." />
      ) : (
        <>
          <TotalFigures total={total} page={page} />
          <h3 class="spaced">By outcome</h3>
          <Table
            caption="Outcomes, with the credits of the events that had them"
            columns={[{ label: "Outcome" }, ...COLUMNS]}
            rows={types.map((figures) => [
              <>
                {wordsOf(figures.type)}
                <Quantities figures={figures} page={page} />
              </>,
              ...cells(figures, page),
            ])}
          />
        </>
      )}
      {features.length === 0 ? null : (
        <>
          <h3>By feature</h3>
          <Table
            caption="Features, with all the credits that they spent"
            columns={[{ label: "Feature" }, ...COLUMNS]}
            rows={features.map((figures) => [
              <>
                <a href={featurePath(root, figures.feature)}>{names.featureName(figures.feature)}</a>{" "}
                {figures.outcomes === 0 && figures.credits > 0 ? (
                  <Badge tone="warning">No outcome</Badge>
                ) : null}
              </>,
              ...cells(figures, page),
            ])}
          />
        </>
      )}
    </Card>
  );
}

function TotalFigures({ total, page }: { readonly total: Value; readonly page: AccountPage }): Html {
  const { format } = page;
  const { outcomes, creditsPerOutcome, value } = total;
  return (
    <Figures
      figures={[
        { label: "Outcomes", value: format.count(outcomes) },
        {
          label: "Credits per outcome",
          value: creditsPerOutcome === null ? "–" : format.credits(creditsPerOutcome),
        },
        { label: "Value", value: value === null ? "–" : format.money(value) },
        { label: "Value per credit", value: perCredit(total, page) },
      ]}
    />
  );
}

function cells(figures: Value, page: AccountPage): readonly Child[] {
  const { format } = page;
  const { outcomes, credits, creditsPerOutcome, value } = figures;
  return [
    format.count(outcomes),
    format.credits(credits),
    creditsPerOutcome === null ? "–" : format.credits(creditsPerOutcome),
    value === null ? "–" : format.money(value),
    perCredit(figures, page),
  ];
}

function perCredit({ valuePerCredit, value }: Value, { format }: AccountPage): string {
  return valuePerCredit === null || value === null ? "–" : format.roughPrice(valuePerCredit, value.currency);
}

/** "12.5 hours": of outcomes that are counted in something. */
function Quantities({
  figures,
  page: { format },
}: {
  readonly figures: Value;
  readonly page: AccountPage;
}): Html {
  return (
    <>
      {figures.quantities.map(({ unit, quantity }) => (
        <small>{`${format.credits(quantity)} ${unit}`}</small>
      ))}
    </>
  );
}
