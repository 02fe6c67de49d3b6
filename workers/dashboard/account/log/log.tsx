/** The usage log (rules, 10.3): every entry, newest first, narrowed by days, feature and user, page by page. */
import type { Page as ListPage, LogEntry, LogFilter } from "../../../../shared/client/types.ts";
import { accountPage } from "../../define.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Empty, Filters, PageHead, Pager, withQuery } from "../../parts/blocks.tsx";
import { DownloadLinks } from "./log-download.tsx";
import { type Filtered, filtered, filterState, UsageFields } from "./log-fields.tsx";
import { type Names, readNames } from "./log-names.ts";
import { scopeOf, type UsageOf, type UsageScope, usageOf } from "./log-scope.ts";
import { LogTable } from "./log-table.tsx";

const ENTRIES_PER_PAGE = 50;

interface LogData {
  readonly scope: UsageScope;
  /** null: the viewer has nothing to see yet. */
  readonly filter: LogFilter | null;
  readonly names: Names;
  readonly log: Filtered<ListPage<LogEntry>>;
}

const NOTHING: ListPage<LogEntry> = { data: [], nextCursor: null };

export const logPage = accountPage<LogData>({
  path: "/log",
  nav: "log",
  needs: "see_usage",
  title: "Usage log",
  load: async (page) => {
    const scope = scopeOf(page);
    const filter = filterOf(usageOf(scope, page.query), page.query);
    const [names, log] = await Promise.all([
      readNames(page),
      filtered(page.url, async () => (filter === null ? NOTHING : readLog(page, filter))),
    ]);
    return { scope, filter, names, log };
  },
  view: (data, page) => (
    <>
      <PageHead title="Usage log" lead="Every use, correction and later outcome, newest first." />
      {data.filter === null ? (
        <Empty text="You own no feature yet, so there is no usage for you to see." />
      ) : (
        <Log data={data} filter={data.filter} page={page} />
      )}
    </>
  ),
});

function filterOf(of: UsageOf | null, query: Readonly<Record<string, string>>): LogFilter | null {
  if (of === null) return null;
  return { ...of, from: query.from || undefined, to: query.to || undefined };
}

function readLog({ client, account, query }: AccountPage, filter: LogFilter) {
  const cursor = query.cursor;
  return client.log(account, {
    ...filter,
    limit: ENTRIES_PER_PAGE,
    ...(cursor === undefined ? {} : { cursor }),
  });
}

interface LogProps {
  readonly data: LogData;
  readonly filter: LogFilter;
  readonly page: AccountPage;
}

function Log({ data, filter, page }: LogProps): Html {
  const { scope, names, log } = data;
  const state = filterState(log);
  const { from = "", to = "", feature, user } = filter;
  return (
    <>
      <Filters>
        <UsageFields
          scope={scope}
          names={names}
          of={{ feature, user }}
          state={state}
          from={from}
          to={to}
          ownByFeature
        />
      </Filters>
      {state.message === null ? null : (
        <p class="form-message" role="alert">
          {state.message}
        </p>
      )}
      {log.kind === "refused" ? null : (
        <Card>
          <Entries found={log.found} names={names} page={page} filtered={isFiltered(page)} />
          {log.found.data.length === 0 && log.found.nextCursor === null ? null : (
            <DownloadLinks page={page} list="log" query={filter} />
          )}
        </Card>
      )}
    </>
  );
}

function isFiltered({ query }: AccountPage): boolean {
  return ["from", "to", "feature", "user"].some((name) => (query[name] ?? "") !== "");
}

interface EntriesProps {
  readonly found: ListPage<LogEntry>;
  readonly names: Names;
  readonly page: AccountPage;
  readonly filtered: boolean;
}

function Entries({ found: { data, nextCursor }, names, page, filtered: narrowed }: EntriesProps): Html {
  const isFirst = !page.url.searchParams.has("cursor");
  if (data.length === 0 && nextCursor === null) {
    return (
      <Empty text={emptyText(isFirst, narrowed)}>
        {isFirst && !narrowed ? null : (
          <p>
            <a href={isFirst ? page.url.pathname : withQuery(page.url, { cursor: null })}>
              {isFirst ? "Show the whole log" : "Back to the newest"}
            </a>
          </p>
        )}
      </Empty>
    );
  }
  const stopped = data.length < ENTRIES_PER_PAGE && nextCursor !== null;
  return (
    <>
      {data.length === 0 ? null : <LogTable entries={data} names={names} page={page} />}
      {stopped ? <SearchOn page={page} cursor={nextCursor} found={data.length} /> : null}
      {stopped ? null : <Pager url={page.url} nextCursor={nextCursor} />}
    </>
  );
}

function emptyText(isFirst: boolean, narrowed: boolean): string {
  if (!isFirst) return "Nothing further back: this is the end of the log.";
  return narrowed ? "No entry matches these filters." : "Nothing was used yet. Each use will be listed here.";
}

interface SearchOnProps {
  readonly page: AccountPage;
  readonly cursor: string;
  readonly found: number;
}

/** One page looks at a part of a long log only, so that it never takes long. */
function SearchOn({ page, cursor, found }: SearchOnProps): Html {
  const { format, url } = page;
  const so = found === 0 ? "No entry matches" : `Only ${format.plural(found, "entry", "entries")} matched`;
  return (
    <div class="empty">
      <p>{`${so} in the part of the log that was searched. There may be more further back.`}</p>
      <nav class="actions centered" aria-label="Pages">
        <a class="button" href={withQuery(url, { cursor })}>
          Search on
        </a>
        {url.searchParams.has("cursor") ? (
          <a class="button secondary" href={withQuery(url, { cursor: null })}>
            Newest
          </a>
        ) : null}
      </nav>
    </div>
  );
}
