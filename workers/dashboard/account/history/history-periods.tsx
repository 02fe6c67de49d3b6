/** Periods that are over: limit, used, overage, what was billed (rules, 2.3 and 10.2). */

import type { Child } from "hono/jsx";
import type { ClosedPeriod, Page as ListPage } from "../../../../shared/client/types.ts";
import { localDay } from "../../../../shared/credits/period.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Empty, Table, withQuery } from "../../parts/blocks.tsx";
import { invoicePath, periodPath } from "../../parts/paths.ts";
import { DownloadLinks } from "../log/log-download.tsx";
import { Change } from "./history-figures.tsx";

interface PeriodsProps {
  readonly periods: ListPage<ClosedPeriod>;
  readonly page: AccountPage;
}

export function PastPeriods({ periods: { data, nextCursor }, page }: PeriodsProps): Html {
  const { url } = page;
  const isFirst = !url.searchParams.has("before");
  return (
    <Card title="Past periods" id="periods">
      {data.length === 0 ? (
        <Empty text={isFirst ? "No period has ended yet." : "There are no earlier periods."} />
      ) : (
        <>
          <Table
            caption="Past periods, newest first"
            columns={[
              { label: "Period" },
              { label: "Used", number: true },
              { label: "Change", number: true },
              { label: "Expired", number: true },
              { label: "Overage", number: true },
              { label: "Cost of it", number: true },
              { label: "Packs", number: true },
              { label: "Per credit", number: true },
              { label: "Invoice" },
            ]}
            rows={data.map((period) => cellsOf(period, page))}
          />
          <DownloadLinks page={page} list="periods" query={{}} />
        </>
      )}
      {isFirst && nextCursor === null ? null : (
        <nav class="actions" aria-label="Past periods">
          {isFirst ? null : (
            <a class="button secondary" href={`${withQuery(url, { before: null })}#periods`}>
              Newest periods
            </a>
          )}
          {nextCursor === null ? null : (
            <a class="button secondary" href={`${withQuery(url, { before: nextCursor })}#periods`}>
              Earlier periods
            </a>
          )}
        </nav>
      )}
    </Card>
  );
}

function cellsOf(period: ClosedPeriod, { format, root, view }: AccountPage): readonly Child[] {
  const { corrected, used, limit, expired, overage, billed, overageAmount, packsAmount, invoice } = period;
  const { changeCredits, changePercent, effectivePrice, end } = period;
  const lastDay = localDay(Date.parse(end) - 1, view.terms.timeZone);
  const href = periodPath(root, period.period);
  return [
    <a href={href}>{format.dateRange(period.period, lastDay)}</a>,
    <>
      {format.credits(used)}
      <small>{`of ${format.credits(limit)}`}</small>
      {corrected === null ? null : <small>{`${format.credits(corrected.used)} corrected`}</small>}
    </>,
    <Change
      figures={{ credits: used, previousCredits: null, changeCredits, changePercent }}
      format={format}
    />,
    format.credits(expired),
    <>
      {format.credits(overage)}
      {overage === 0 ? null : <small>{`${format.credits(billed)} billed`}</small>}
    </>,
    <>
      {format.money(overageAmount)}
      {corrected === null || corrected.overageAmount.amountMinor === overageAmount.amountMinor ? null : (
        <small>{`${format.money(corrected.overageAmount)} corrected`}</small>
      )}
    </>,
    format.money(packsAmount),
    effectivePrice === null ? "–" : format.roughPrice(effectivePrice, packsAmount.currency),
    invoice === null ? "–" : <a href={invoicePath(root, invoice)}>Invoice</a>,
  ];
}
