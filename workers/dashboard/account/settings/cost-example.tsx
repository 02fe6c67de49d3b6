/** What a use would cost under some settings, line by line, and compared with those in force (rules, 10.6). */
import type { OwnedPacks, SettingsQuote } from "../../../../shared/client/types.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { DocumentLines } from "../invoices/invoice-lines.tsx";

type Example = SettingsQuote["examples"][number];
type Line = Example["option"]["lines"][number];

interface ExampleProps {
  readonly example: Example;
  /** Their names are shown. */
  readonly packs: OwnedPacks;
  /** The same use under the settings in force; null: not known. */
  readonly before: Example | null;
  readonly page: AccountPage;
}

export function CostExample({ example, packs, before, page }: ExampleProps): Html {
  const { format } = page;
  const { basis, period, used, option } = example;
  const title =
    basis === "last_period"
      ? `As the month from ${format.day(period)}: ${format.credits(used)} credits used`
      : `As this month is expected to end: ${format.credits(used)} credits used`;
  return (
    <>
      <DocumentLines
        document={{
          lines: option.lines.map((line) => ({ ...line, description: lineName(line, packs) })),
          subtotal: option.total,
          tax: null,
          total: option.total,
        }}
        format={format}
        caption={title}
        captionSeen
        totalName="Total, before tax"
      />
      <p class="muted">
        {coverText(example, page)} {before === null ? "" : compareText(example, before, page)}
      </p>
    </>
  );
}

const PARTS: Readonly<Record<Line["part"], string>> = {
  committed: "Packs of the term",
  bought: "Packs bought",
  automatic: "Packs added automatically",
  overage: "Credits above the limit",
};

function lineName({ part, pack }: Line, { data, onSale }: OwnedPacks): string {
  const name = [...data, ...onSale].find((known) => known.pack === pack)?.name;
  return name === undefined ? PARTS[part] : `${PARTS[part]}: ${name}`;
}

function coverText({ option }: Example, { format }: AccountPage): string {
  const { limit, uncovered, commits } = option;
  const within = `The limit would be ${format.credits(limit)} credits.`;
  if (uncovered > 0) {
    return `${within} ${format.credits(uncovered)} credits of this use would not have been possible: features would have stopped.`;
  }
  return commits
    ? `${within} The added packs stay, and cost as much each month, until the term ends.`
    : `${within} All of this use is covered.`;
}

function compareText({ option }: Example, { option: before }: Example, { format }: AccountPage): string {
  const difference = option.total.amountMinor - before.total.amountMinor;
  const stopped = before.uncovered > 0 ? `, with ${format.credits(before.uncovered)} credits stopped` : "";
  const total = `${format.money(before.total)}${stopped}`;
  if (difference === 0) return `With the settings in force it would be the same: ${total}.`;
  const size = format.money({ ...option.total, amountMinor: Math.abs(difference) });
  return `With the settings in force it would be ${total}: this is ${size} ${difference > 0 ? "more" : "less"}.`;
}
