/** The sums of a usage report, with the span before. */
import type { UsageReport } from "../../../../shared/client/types.ts";
import type { Format } from "../../format.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { type Figure, Figures } from "../../parts/blocks.tsx";

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
