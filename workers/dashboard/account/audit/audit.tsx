/** Who changed what of the account, and when (rules, 9.4). */

import type { AuditQuery, AuditRecord, Page } from "../../../../shared/client/client.ts";
import { localDayStartMs } from "../../../../shared/credits/period.ts";
import { addDays } from "../../../../shared/reports/days.ts";
import { accountPage } from "../../define.tsx";
import { FormRefused, type FormState } from "../../form.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Empty, Filters, PageHead, Pager, Table } from "../../parts/blocks.tsx";
import { SelectField, TextField } from "../../parts/fields.tsx";
import { personPath } from "../../parts/paths.ts";
import { FILTER_FORM, type Filtered, filtered, filterState } from "../log/log-fields.tsx";
import { actorInWords, type People, readPeople } from "../people/people-names.ts";
import { Change } from "./audit-change.tsx";
import { ACTION_WORDS, actionInWords } from "./audit-words.ts";

const RECORDS_PER_PAGE = 50;
const SUGGESTIONS_MAX = 200;
const FILTERS = ["actor", "action", "from", "to"] as const;

interface AuditData {
  readonly records: Filtered<Page<AuditRecord>>;
  readonly people: People;
}

export const auditPage = accountPage<AuditData>({
  path: "/audit",
  nav: "audit",
  needs: "see_money",
  title: "Audit log",
  load: async (page) => {
    const { client, account, url } = page;
    const [records, people] = await Promise.all([
      filtered(url, async () => client.audit(account, queryOf(page))),
      readPeople(page),
    ]);
    return { records, people };
  },
  view: ({ records, people }, page) => {
    const found = records.kind === "found" ? records.found : { data: [], nextCursor: null };
    const isFiltered = FILTERS.some((name) => (page.query[name] ?? "") !== "");
    return (
      <>
        <PageHead
          title="Audit log"
          lead="Every change of the account: who made it, when, and what it was before."
        />
        <AuditFilters page={page} state={filterState(records)} people={people} />
        <Card>
          {found.data.length === 0 ? (
            <Empty text={isFiltered ? "No change matches." : "Nothing has been changed yet."}>
              {isFiltered ? (
                <a class="button secondary" href={page.url.pathname}>
                  Show all changes
                </a>
              ) : null}
            </Empty>
          ) : (
            <Table
              caption="Changes, newest first"
              columns={[
                { label: "What" },
                { label: "Before and after" },
                { label: "Who" },
                { label: "When" },
              ]}
              rows={found.data.map((record) => [
                <What record={record} />,
                <Change record={record} format={page.format} />,
                <Who record={record} people={people} page={page} />,
                <span class="nowrap">{page.format.dateTime(record.at)}</span>,
              ])}
            />
          )}
          <Pager url={page.url} nextCursor={found.nextCursor} />
        </Card>
      </>
    );
  },
});

/** Days are the account's own, both included. Throws FormRefused for what is none. */
function queryOf({ query, view }: AccountPage): AuditQuery {
  const { timeZone } = view.terms;
  const { actor = "", action = "", from = "", to = "", cursor } = query;
  const startOf = (field: string, day: string, days: number) => {
    try {
      return new Date(localDayStartMs(addDays(day, days), timeZone)).toISOString();
    } catch {
      throw new FormRefused({ [field]: "must be a day, such as 2026-11-21" });
    }
  };
  return {
    limit: RECORDS_PER_PAGE,
    ...(actor === "" ? {} : { actor }),
    ...(action === "" ? {} : { action }),
    ...(from === "" ? {} : { from: startOf("from", from, 0) }),
    ...(to === "" ? {} : { to: startOf("to", to, 1) }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

interface FiltersProps {
  readonly page: AccountPage;
  readonly state: FormState;
  readonly people: People;
}

function AuditFilters({ page: { query }, state, people }: FiltersProps): Html {
  const shared = { form: FILTER_FORM, state };
  const actors = [...people.values()].slice(0, SUGGESTIONS_MAX);
  return (
    <Filters>
      <SelectField
        {...shared}
        name="action"
        label="What"
        value={query.action}
        options={[
          { value: "", label: "All changes" },
          ...Object.entries(ACTION_WORDS).map(([value, label]) => ({ value, label })),
        ]}
      />
      <TextField
        {...shared}
        name="actor"
        label="Who"
        value={query.actor}
        suggestions={[
          { value: "system", label: "By itself" },
          ...actors.map(({ user, name }) => ({ value: `user:${user}`, label: name || user })),
        ]}
      />
      <TextField {...shared} name="from" type="date" label="From" value={query.from} />
      <TextField {...shared} name="to" type="date" label="To" value={query.to} />
    </Filters>
  );
}

function What({ record: { action, target } }: { readonly record: AuditRecord }): Html {
  return (
    <span class="person">
      {actionInWords(action)}
      {target === "" ? null : <small>{target}</small>}
    </span>
  );
}

interface WhoProps {
  readonly record: AuditRecord;
  readonly people: People;
  readonly page: AccountPage;
}

function Who({ record: { actor }, people, page: { root } }: WhoProps): Html {
  const { name, note, user } = actorInWords(actor, people);
  return (
    <span class="actor">
      {user !== null && people.has(user) ? <a href={personPath(root, user)}>{name}</a> : name}
      {note === null ? null : <small>{note}</small>}
    </span>
  );
}
