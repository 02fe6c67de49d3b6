/** Which choice is cheapest (rules, 10.6): each option with its arithmetic, line by line, as an invoice would have it. */
import type { Insights } from "../../../../shared/client/types.ts";
import type { Format } from "../../format.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge, Card, Table } from "../../parts/blocks.tsx";
import { lowerFirst } from "../../parts/words.ts";
import { SETTING_WORDS } from "../settings/setting-names.ts";
import type { InsightsProps } from "./insights.tsx";

type Running = NonNullable<Insights["choices"]["running"]>;
type Choices = Running["expected"];
type Option = Choices["options"][number];
type Choice = Option["choice"];
type Line = Option["lines"][number];

export function ChoicesCard({ insights: { choices }, page }: InsightsProps): Html {
  const { running, past } = choices;
  const { root } = page;
  return (
    <Card title="Cheapest choice">
      {running === null ? (
        <p>The account is closed: nothing is left to choose.</p>
      ) : (
        <RunningChoice running={running} page={page} />
      )}
      {past.map(({ period, used, choices: then }) => (
        <details>
          <summary>{pastSummary(period, then, page)}</summary>
          {then === null ? (
            <p class="muted">{`${page.format.credits(used)} credits were used. The packs of then are not known any more.`}</p>
          ) : (
            <Options choices={then} of={`the period from ${page.format.day(period)}`} page={page} />
          )}
        </details>
      ))}
      <p class="muted spaced">
        Before tax. Packs stay for the rest of the term and are invoiced in each of its periods. To change
        something, see <a href={`${root}/settings`}>credit settings</a> and{" "}
        <a href={`${root}/packs`}>packs</a>.
      </p>
    </Card>
  );
}

function RunningChoice({ running, page }: { readonly running: Running; readonly page: AccountPage }): Html {
  const { low, expected, high, period } = running;
  const { format } = page;
  const ends = [
    { name: "If less is used", end: low },
    { name: "If more is used", end: high },
  ];
  return (
    <>
      <p>{cheapestText(expected, page)}</p>
      <ul class="plain">
        {ends
          .filter(({ end }) => end.needed !== expected.needed)
          .map(({ name, end }) => (
            <li>
              {`${name} (${format.credits(end.needed)}): `}
              {end.cheapest === null
                ? "no choice covers it."
                : `${lowerFirst(choiceText(end.cheapest.choice, format))}, ${format.money(end.cheapest.total)}.`}
            </li>
          ))}
      </ul>
      <Options choices={expected} of={`the period from ${format.day(period)}`} page={page} />
      {expected.payAsYouGoRefused === null ? null : (
        <p class="muted">{REFUSED[expected.payAsYouGoRefused]}</p>
      )}
    </>
  );
}

const REFUSED: Readonly<Record<NonNullable<Choices["payAsYouGoRefused"]>, string>> = {
  packs_required: "Pay as you go needs a pack first.",
  overage_price_missing: "No overage price is agreed, so pay as you go cannot be chosen.",
};

function cheapestText({ needed, cheapest }: Choices, { format }: AccountPage): string {
  const need = `For the ${format.credits(needed)} credits that will probably be needed`;
  if (cheapest === null) return `${need} no choice covers all of them.`;
  return `${need} the cheapest is: ${lowerFirst(choiceText(cheapest.choice, format))}, ${format.money(cheapest.total)} for the period.`;
}

function pastSummary(period: string, choices: Choices | null, { format }: AccountPage): string {
  const from = `Period from ${format.day(period)}`;
  if (choices === null) return from;
  const { needed, cheapest } = choices;
  const best =
    cheapest === null
      ? "no choice would have covered it"
      : `cheapest would have been: ${lowerFirst(choiceText(cheapest.choice, format))}, ${format.money(cheapest.total)}`;
  return `${from}, ${format.credits(needed)} credits: ${best}`;
}

const COVERING_SHOWN = 6;

interface OptionsProps {
  readonly choices: Choices;
  /** Which period they are for. */
  readonly of: string;
  readonly page: AccountPage;
}

/** The cheapest that cover the use, and what staying comes to; the others where somebody asks for them. */
function Options({ choices: { options, cheapest }, of, page }: OptionsProps): Html {
  const ordered = options.toSorted(
    (a, b) => Number(b.covers) - Number(a.covers) || a.total.amountMinor - b.total.amountMinor,
  );
  const isShown = ({ choice, covers }: Option, index: number) =>
    choice.kind !== "packs" || (covers && index < COVERING_SHOWN);
  const shown = ordered.filter(isShown);
  const others = ordered.filter((option, index) => !isShown(option, index));
  const best = cheapest?.choice ?? null;
  return (
    <>
      <OptionTable options={shown} best={best} caption={`Choices for ${of}`} page={page} />
      {others.length === 0 ? null : (
        <details>
          <summary>{page.format.plural(others.length, "other choice")}</summary>
          <OptionTable options={others} best={best} caption={`Other choices for ${of}`} page={page} />
        </details>
      )}
    </>
  );
}

interface OptionTableProps {
  readonly options: readonly Option[];
  readonly best: Choice | null;
  readonly caption: string;
  readonly page: AccountPage;
}

function OptionTable({ options, best, caption, page }: OptionTableProps): Html {
  const { format } = page;
  const isBest = ({ choice }: Option) => JSON.stringify(choice) === JSON.stringify(best);
  return (
    <Table
      caption={caption}
      columns={[
        { label: "Choice" },
        { label: "Arithmetic" },
        { label: "Total", number: true },
        { label: "Limit", number: true },
        { label: "Covers the use" },
      ]}
      rows={options.map((option) => [
        <>
          {choiceText(option.choice, format)} {isBest(option) ? <Badge tone="good">Cheapest</Badge> : null}
        </>,
        option.lines.length === 0
          ? "nothing to pay"
          : option.lines.map((line) => <LineText line={line} page={page} />),
        format.money(option.total),
        format.credits(option.limit),
        coversText(option, page),
      ])}
    />
  );
}

const PARTS: Readonly<Record<Line["part"], string>> = {
  committed: "you have",
  bought: "to buy",
  automatic: "added automatically",
  overage: "above the limit",
};

function LineText({ line, page: { format } }: { readonly line: Line; readonly page: AccountPage }): Html {
  const { part, unit, quantity, unitPrice, amount, pack } = line;
  const what = unit === "packs" ? (pack ?? "packs") : "credits";
  const price = format.unitPrice(unitPrice, amount.currency);
  return (
    <span class="sum">
      {`${format.credits(quantity)} ${what} × ${price} = ${format.money(amount)}`}{" "}
      <small>{PARTS[part]}</small>
    </span>
  );
}

function coversText({ covers, uncovered, denials }: Option, { format }: AccountPage): string {
  if (covers) return "yes";
  const missing = [
    ...(uncovered > 0 ? [`${format.credits(uncovered)} credits short`] : []),
    ...(denials > 0 ? [`${format.plural(denials, "use")} denied`] : []),
  ];
  return `no: ${format.list(missing)}`;
}

/** A choice as a short phrase. */
function choiceText({ kind, overageSetting, pack, packs = 0, beyond }: Choice, format: Format): string {
  switch (kind) {
    case "stay":
      return overageSetting === undefined
        ? "Stay as it is"
        : `Stay as it is (${lowerFirst(SETTING_WORDS[overageSetting])})`;
    case "pay_as_you_go":
      return "Switch to pay as you go";
    case "packs":
      return `Buy ${format.count(packs)} × ${pack ?? "pack"}${beyond === undefined ? "" : `, then ${lowerFirst(SETTING_WORDS[beyond])}`}`;
  }
}
