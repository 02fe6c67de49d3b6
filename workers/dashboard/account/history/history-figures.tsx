/** The sums of a usage report, with the span before, and what was denied. */
import type { UsageReport } from "../../../../shared/client/types.ts";
import type { Format } from "../../format.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, type Figure, Figures, Table } from "../../parts/blocks.tsx";
import { denialText } from "../log/entry-facts.tsx";
import type { Names } from "../log/log-names.ts";

const DENIALS_SHOWN = 20;

type Compared = Pick<UsageReport["total"], "credits" | "previousCredits" | "changeCredits" | "changePercent">;

export function UsageFigures({ report, page }: { report: UsageReport; page: AccountPage }): Html {
  const { total } = report;
  const { format } = page;
  const figures: readonly (Figure | null)[] = [
    {
      label: "Credits",
      value: format.credits(total.credits),
      note: `${format.credits(total.previousCredits ?? 0)} before`,
    },
    { label: "Change", value: <Change figures={total} format={format} />, note: changeNote(report, page) },
    total.money === null || !page.may("see_money")
      ? null
      : { label: "Money", value: format.money(total.money), note: "at the effective price of a credit" },
    { label: "Entries", value: format.count(total.events) },
    total.value === undefined ? null : { label: "Value of outcomes", value: format.money(total.value) },
  ];
  return <Figures figures={figures.filter((figure) => figure !== null)} />;
}

function changeNote({ total, period }: UsageReport, { format, view }: AccountPage): string | undefined {
  const { changeCredits } = total;
  if (changeCredits === null || changeCredits === 0) return undefined;
  const than = period === view.balance.period ? "than in the whole period before" : "than before";
  return `${format.credits(Math.abs(changeCredits))} ${changeCredits > 0 ? "more" : "less"} ${than}`;
}

/** The change against the span before: in percent, or that there was nothing before. */
export function Change({ figures, format }: { readonly figures: Compared; readonly format: Format }): Html {
  const { changeCredits, changePercent, credits } = figures;
  if (changePercent === null || changeCredits === null)
    return <>{credits > 0 && changeCredits !== null ? "new" : "–"}</>;
  const tone = changeCredits > 0 ? "up" : changeCredits < 0 ? "down" : undefined;
  return <span class={tone}>{format.change(changePercent)}</span>;
}

/** Use that was wanted and not allowed. */
export function Denials({
  report,
  names,
  page,
}: {
  report: UsageReport;
  names: Names;
  page: AccountPage;
}): Html {
  const { format } = page;
  const denials = sumDenials(report.denials ?? []);
  if (denials.length === 0) return <></>;
  const shown = denials.slice(0, DENIALS_SHOWN);
  const more = denials.length - shown.length;
  return (
    <Card title="Denied use">
      <Table
        caption="Denied use by feature, action and reason"
        columns={[{ label: "Feature and action" }, { label: "Why" }, { label: "Denials", number: true }]}
        rows={shown.map(({ feature, action, reason, denials: count }) => [
          `${names.featureName(feature)}: ${names.actionName(feature, action)}`,
          denialText(reason),
          format.count(count),
        ])}
      />
      {more === 0 ? null : <p class="muted">{`And ${format.plural(more, "more row")}, in less numbers.`}</p>}
      <p class="muted">Asked for, but not allowed: nothing was booked.</p>
    </Card>
  );
}

type Denial = NonNullable<UsageReport["denials"]>[number];

/** Over all days, most first. */
function sumDenials(denials: readonly Denial[]): readonly Denial[] {
  const sums = new Map<string, Denial>();
  for (const { feature, action, reason, denials: count } of denials) {
    const key = JSON.stringify([feature, action, reason]);
    sums.set(key, { feature, action, reason, denials: (sums.get(key)?.denials ?? 0) + count });
  }
  return [...sums.values()].toSorted((a, b) => b.denials - a.denials);
}
