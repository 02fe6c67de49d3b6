/** The arithmetic of an event: quantity × rate = credits for each of its parts (rules, 8.2). */
import type { EventFate, LogEntry } from "../../../../shared/client/types.ts";
import { parseMicros } from "../../../../shared/credits/amounts.ts";
import { isRoundedUp, startedBlocks } from "../../../../shared/credits/rates.ts";
import type { Format } from "../../format.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge, Facts, Table } from "../../parts/blocks.tsx";
import { priceText } from "../prices/rate-words.ts";
import type { Names } from "./log-names.ts";

type Item = LogEntry["items"][number];
type Rate = NonNullable<NonNullable<EventFate["rates"]>[number]["rate"]>;

interface PartsProps {
  readonly feature: string;
  readonly items: readonly Item[];
  /** Of each item, in order. */
  readonly rates: NonNullable<EventFate["rates"]>;
  readonly total: number;
  readonly rateVersion: number;
  readonly ownVersion: number | undefined;
  readonly names: Names;
  readonly page: AccountPage;
}

export function Parts({ feature, items, rates, total, names, page, ...versions }: PartsProps): Html {
  const { format, root } = page;
  const rateOf = (index: number) => rates[index]?.rate ?? null;
  const rows = items.map((item, index) => {
    const rate = rateOf(index);
    return [
      names.actionName(feature, item.action),
      format.creditsExact(item.quantity),
      <RateText rate={rate} format={format} />,
      rate === null ? "–" : <span class="nowrap">{arithmetic(item, rate, format)}</span>,
      format.creditsExact(item.credits),
    ];
  });
  const own = rates.some(({ rate }) => rate?.own === true);
  const { rateVersion, ownVersion } = versions;
  return (
    <>
      <Table
        caption="Parts of the event"
        columns={[
          { label: "Action" },
          { label: "Count", number: true },
          { label: "Rate" },
          { label: "Arithmetic" },
          { label: "Credits", number: true },
        ]}
        rows={rows}
        {...(items.length > 1 ? { foot: ["Total", "", "", "", format.creditsExact(total)] } : {})}
      />
      {rates.some(({ rate }) => rate?.blocks === true) ? (
        <p class="muted">A rate per started block counts each block in full, also the last one.</p>
      ) : null}
      <Facts
        facts={[
          ["Rate sheet", <a href={`${root}/prices`}>{`version ${format.count(rateVersion)}`}</a>],
          own || ownVersion !== undefined
            ? ["Your own rates", ownVersion === undefined ? "yes" : `version ${format.count(ownVersion)}`]
            : null,
        ]}
      />
    </>
  );
}

function RateText({ rate, format }: { readonly rate: Rate | null; readonly format: Format }): Html {
  if (rate === null) return <span class="muted">no longer kept</span>;
  return (
    <span class="nowrap">
      {priceText(rate, format)} {rate.own ? <Badge tone="accent">Your rate</Badge> : null}
    </span>
  );
}

/** "374 × 1 ÷ 1,000 = 0.374", as the rate says; a result with more than 6 decimals was rounded up. */
function arithmetic(
  { quantity, credits }: Item,
  { credits: each, per, blocks }: Rate,
  format: Format,
): string {
  const show = format.creditsExact;
  const result = show(credits);
  const quantityMicros = inMicros(quantity);
  const rate = { creditsMicros: inMicros(each), perMicros: inMicros(per), blocks };
  if (blocks) {
    const started = Number(startedBlocks(rate, quantityMicros));
    return `${format.plural(started, "block")} × ${show(each)} = ${result}`;
  }
  const division = per === 1 ? "" : ` ÷ ${show(per)}`;
  const rounded = isRoundedUp(rate, quantityMicros) ? ", rounded up" : "";
  return `${show(quantity)} × ${show(each)}${division} = ${result}${rounded}`;
}

/** In micros, as the rules of rates have it; quantities of corrections are negative. */
function inMicros(amount: number): number {
  return parseMicros(Math.abs(amount)) ?? 0;
}
