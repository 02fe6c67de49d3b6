/** Who changed what the operator sells and who may call (rules, 9.4). */

import type { AuditQuery, AuditRecord } from "../../../shared/client/types.ts";
import { operatorPage } from "../define.tsx";
import type { Html, Page } from "../page.tsx";
import { Card, Empty, Filters, PageHead, Pager, Table } from "../parts/blocks.tsx";
import { TextField } from "../parts/fields.tsx";
import { wordsOf } from "../parts/words.ts";
import { askedOf, FILTER, filterState, keyMayChange } from "./parts.tsx";

export const auditPage = operatorPage({
  path: "/audit",
  nav: "operator-audit",
  title: "Audit log",
  load: async (page) => {
    if (!mayRead(page)) return null;
    const { from, to, ...asked } = askedOf(page, ["actor", "action", "from", "to", "cursor"]);
    return page.client.operatorAudit({
      ...asked,
      ...(from === undefined ? {} : { from: startOf(from) }),
      ...(to === undefined ? {} : { to: startOf(to) }),
    } as AuditQuery);
  },
  view: (found, page) => (
    <>
      <PageHead
        title="Audit log"
        lead="Who changed rate sheets, catalogue, keys and webhook endpoints. Each account has a log of its own."
      />
      {found === null ? (
        <Card>
          <Empty text="This log is for live keys with the scope admin. Sign in with one to read it." />
        </Card>
      ) : (
        <>
          <AuditFilters page={page} />
          <Card>
            {found.data.length === 0 ? (
              <Empty text="Nothing like that was changed." />
            ) : (
              <Table
                caption="Changes"
                columns={[{ label: "Change" }, { label: "What" }, { label: "Who" }, { label: "When" }]}
                rows={found.data.map((record) => rowOf(record, page))}
              />
            )}
            <Pager url={page.url} nextCursor={found.nextCursor} />
          </Card>
        </>
      )}
    </>
  ),
});

function mayRead(page: Page): boolean {
  return page.mode === "live" && keyMayChange(page);
}

/** A day as the field sends it; anything else goes on as it is, so that the API says what it wants. */
function startOf(day: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(day) ? `${day}T00:00:00Z` : day;
}

function AuditFilters({ page }: { readonly page: Page }): Html {
  const shared = { form: FILTER, state: filterState(page) };
  return (
    <Filters>
      <TextField {...shared} name="actor" label="Who" />
      <TextField {...shared} name="action" label="Change" />
      <TextField {...shared} name="from" type="date" label="From" />
      <TextField {...shared} name="to" type="date" label="Before" />
    </Filters>
  );
}

function rowOf({ action, target, actor, at, before, after }: AuditRecord, { format }: Page) {
  return [
    <>
      {wordsOf(action)}
      <Values before={before} after={after} />
    </>,
    <span class="break">{target}</span>,
    <span class="break">{actor}</span>,
    <span class="nowrap">{format.dateTime(at)}</span>,
  ];
}

interface ValuesProps {
  readonly before: unknown;
  readonly after: unknown;
}

function Values({ before, after }: ValuesProps): Html {
  if (before === null && after === null) return <></>;
  return (
    <details>
      <summary>Values</summary>
      {before === null ? null : <Value name="Before" value={before} />}
      {after === null ? null : <Value name="After" value={after} />}
    </details>
  );
}

function Value({ name, value }: { readonly name: string; readonly value: unknown }): Html {
  return (
    <>
      <small>{name}</small>
      <pre class="values">{JSON.stringify(value, null, 2)}</pre>
    </>
  );
}
