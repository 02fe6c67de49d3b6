/** The versions of the rate sheet: the one in force, those to come, those before (rules, 8.1). */

import type { Drawdown } from "../../../shared/client/client.ts";
import { DrawdownError } from "../../../shared/client/client.ts";
import type { RateSheet, RateSheetSummary } from "../../../shared/client/types.ts";
import { operatorPage } from "../define.tsx";
import type { Html } from "../page.tsx";
import { Badge, Card, Empty, PageHead, Pager, Table } from "../parts/blocks.tsx";
import { keyMayChange } from "./parts.tsx";

export const SHEETS = "/operator/rate-sheets";

/** The version in force; null where none is yet. */
export async function readCurrent(client: Drawdown): Promise<RateSheet | null> {
  try {
    return await client.rateSheet("current");
  } catch (error) {
    if (error instanceof DrawdownError && error.problem.code === "no_rate_sheet") return null;
    throw error;
  }
}

export type SheetState = "current" | "scheduled" | "past" | "withdrawn";

export function sheetState(sheet: RateSheetSummary, current: RateSheet | null, nowMs: number): SheetState {
  if (sheet.withdrawnAt !== null) return "withdrawn";
  if (sheet.version === current?.version) return "current";
  return Date.parse(sheet.effectiveAt) > nowMs ? "scheduled" : "past";
}

const BADGES = {
  current: { tone: "good", label: "In force" },
  scheduled: { tone: "accent", label: "Scheduled" },
  past: { tone: "plain", label: "Past" },
  withdrawn: { tone: "plain", label: "Withdrawn" },
} as const;

export function SheetBadge({ state }: { readonly state: SheetState }): Html {
  return <Badge tone={BADGES[state].tone}>{BADGES[state].label}</Badge>;
}

export const rateSheetsPage = operatorPage({
  path: "/rate-sheets",
  nav: "rate-sheets",
  title: "Rate sheets",
  load: async ({ client, query: { cursor } }) => {
    const [list, current] = await Promise.all([
      client.rateSheets(cursor ? { cursor } : {}),
      readCurrent(client),
    ]);
    return { list, current, nowMs: Date.now() };
  },
  view: ({ list, current, nowMs }, page) => (
    <>
      <PageHead
        title="Rate sheets"
        lead="What each action costs in credits. Published versions never change."
      >
        {keyMayChange(page) ? (
          <a class="button" href={`${SHEETS}/new`}>
            New draft
          </a>
        ) : null}
      </PageHead>
      <Card>
        {list.data.length === 0 ? (
          <Empty text="Nothing is priced yet: publish the first version, and use can be booked." />
        ) : (
          <Table
            caption="Versions of the rate sheet"
            columns={[
              { label: "Version" },
              { label: "State" },
              { label: "In force from" },
              { label: "Published" },
            ]}
            rows={list.data.map((sheet) => [
              <a href={`${SHEETS}/${sheet.version}`}>Version {sheet.version}</a>,
              <>
                <SheetBadge state={sheetState(sheet, current, nowMs)} />{" "}
                {sheet.shortNotice ? <Badge tone="warning">Short notice</Badge> : null}
              </>,
              <span class="nowrap">{page.format.dateTime(sheet.effectiveAt)}</span>,
              <span class="nowrap">{page.format.dateTime(sheet.publishedAt)}</span>,
            ])}
          />
        )}
        <Pager url={page.url} nextCursor={list.nextCursor} />
      </Card>
    </>
  ),
});
