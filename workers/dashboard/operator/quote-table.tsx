/** What past usage would have cost under a draft: by account and by feature (rules, 8.5). */
import type { QuotedRates } from "../../../shared/client/types.ts";
import type { Format } from "../format.ts";
import type { Html } from "../page.tsx";
import { Card, Empty, Figures, Table } from "../parts/blocks.tsx";

interface QuoteProps {
  readonly quote: QuotedRates;
  readonly format: Format;
  /** By id; an id without a name is its own. */
  readonly featureNames: ReadonlyMap<string, string>;
}

interface Compared {
  readonly booked: number;
  readonly draft: number;
  readonly difference: number;
}

export function Quote({ quote, format, featureNames }: QuoteProps): Html {
  const { total, accounts, unpriced } = quote;
  const entries = accounts.reduce((sum, account) => sum + account.entries, 0);
  return (
    <Card title="What it would have cost" id="quote">
      <p role="status">
        {format.plural(entries, "entry", "entries")} of {format.plural(accounts.length, "account")} priced
        again.
      </p>
      {entries === 0 ? (
        <Empty text="Nothing was used in those days." />
      ) : (
        <>
          <Figures
            figures={[
              { label: "Booked", value: format.credits(total.booked) },
              { label: "With the draft", value: format.credits(total.draft) },
              { label: "Difference", value: <Difference of={total} format={format} /> },
            ]}
          />
          <h3>By feature</h3>
          <Table
            caption="Credits by feature"
            columns={COLUMNS("Feature")}
            rows={byFeature(quote).map(([feature, compared]) => [
              featureNames.get(feature) ?? feature,
              ...cells(compared, format),
            ])}
          />
          <h3>By account</h3>
          <Table
            caption="Credits by account"
            columns={COLUMNS("Account")}
            rows={accounts.map((account) => [
              <>
                {account.account}
                <small>{format.dateRange(account.from, account.to)}</small>
              </>,
              ...cells(account.total, format),
            ])}
          />
        </>
      )}
      {unpriced.length === 0 ? null : (
        <details open>
          <summary>Not in the sums: the draft has no price for it, or it reverses earlier use</summary>
          <Table
            caption="Use without a price"
            columns={[
              { label: "Action" },
              { label: "Uses", number: true },
              { label: "Booked", number: true },
            ]}
            rows={unpriced.map(({ feature, action, uses, booked }) => [
              `${featureNames.get(feature) ?? feature}: ${action}`,
              format.count(uses),
              format.credits(booked),
            ])}
          />
        </details>
      )}
    </Card>
  );
}

const COLUMNS = (first: string) => [
  { label: first },
  { label: "Booked", number: true },
  { label: "With the draft", number: true },
  { label: "Difference", number: true },
];

function cells(compared: Compared, format: Format) {
  return [
    format.credits(compared.booked),
    format.credits(compared.draft),
    <Difference of={compared} format={format} />,
  ];
}

function Difference({ of: { booked, difference }, format }: { of: Compared; format: Format }): Html {
  const sign = difference > 0 ? "+" : "";
  const percent = booked === 0 || difference === 0 ? null : format.change((difference / booked) * 100);
  const direction = difference > 0 ? "up" : difference < 0 ? "down" : undefined;
  return (
    <span class={direction}>
      {sign}
      {format.credits(difference)}
      {percent === null ? null : <small>{percent}</small>}
    </span>
  );
}

/** Sums of the actions, largest difference first. Sums of what is shown, not of what is billed. */
function byFeature({ actions }: QuotedRates): readonly (readonly [string, Compared])[] {
  const features = new Map<string, Compared>();
  for (const { feature, booked, draft } of actions) {
    const so = features.get(feature) ?? { booked: 0, draft: 0, difference: 0 };
    const sum = { booked: added(so.booked, booked), draft: added(so.draft, draft) };
    features.set(feature, { ...sum, difference: added(sum.draft, -sum.booked) });
  }
  return [...features].toSorted(([, a], [, b]) => Math.abs(b.difference) - Math.abs(a.difference));
}

const DECIMALS = 6;

/** Without the dust of floating point. */
function added(a: number, b: number): number {
  return Number((a + b).toFixed(DECIMALS));
}
