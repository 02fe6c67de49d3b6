/** Blocks of which pages are made: heads, cards, figures, tables, empty states, pagers. */
import type { Child } from "hono/jsx";
import type { Html } from "../page.tsx";

/** A page's title, what it is about, and what can be done here. */
export function PageHead({ title, lead, children }: { title: string; lead?: Child; children?: Child }): Html {
  return (
    <div class="head">
      <div>
        <h1>{title}</h1>
        {lead === undefined ? null : <p class="muted">{lead}</p>}
      </div>
      {children === undefined ? null : <div class="actions">{children}</div>}
    </div>
  );
}

export function Card({ title, id, children }: { title?: string; id?: string; children?: Child }): Html {
  const heading = title === undefined ? undefined : (id ?? idOf(title));
  return (
    <section class="card" aria-labelledby={heading}>
      {title === undefined ? null : <h2 id={heading}>{title}</h2>}
      {children}
    </section>
  );
}

function idOf(title: string): string {
  return `card-${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
}

export interface Figure {
  readonly label: string;
  readonly value: Child;
  /** A line below, in small. */
  readonly note?: Child;
}

/** Large figures with their names. */
export function Figures({ figures }: { readonly figures: readonly Figure[] }): Html {
  return (
    <dl class="figures">
      {figures.map(({ label, value, note }) => (
        <div>
          <dt>{label}</dt>
          <dd>
            {value}
            {note === undefined ? null : <small>{note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Facts in rows: name and value. null leaves a row out. */
export function Facts({
  facts,
}: {
  readonly facts: readonly (readonly [name: string, value: Child] | null)[];
}): Html {
  return (
    <dl class="facts">
      {facts
        .filter((fact) => fact !== null)
        .map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
    </dl>
  );
}

export interface Column {
  readonly label: string;
  /** Numbers stand on the right. */
  readonly number?: boolean;
  /** The column has no words of its own, such as one of buttons. */
  readonly unseen?: boolean;
}

interface TableProps {
  /** What the table shows, for those who do not see it, and where it is not the heading's text already. */
  readonly caption: string;
  readonly captionSeen?: boolean;
  readonly columns: readonly Column[];
  /** Cells in the order of the columns; the first one names the row. */
  readonly rows: readonly (readonly Child[])[];
  readonly foot?: readonly Child[];
}

/** A table that scrolls in its own box where the screen is narrow. */
export function Table({ caption, captionSeen = false, columns, rows, foot }: TableProps): Html {
  const cell = (index: number) => (columns[index]?.number === true ? "number" : undefined);
  return (
    <section class="scroll" tabindex={0} aria-label={`${caption}, table`}>
      <table>
        <caption class={captionSeen ? undefined : "visually-hidden"}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ label, unseen }, index) => (
              <th scope="col" class={cell(index)}>
                {unseen === true ? <span class="visually-hidden">{label}</span> : label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((value, index) =>
                index === 0 ? <th scope="row">{value}</th> : <td class={cell(index)}>{value}</td>,
              )}
            </tr>
          ))}
        </tbody>
        {foot === undefined ? null : (
          <tfoot>
            <tr>
              {foot.map((value, index) =>
                index === 0 ? <th scope="row">{value}</th> : <td class={cell(index)}>{value}</td>,
              )}
            </tr>
          </tfoot>
        )}
      </table>
    </section>
  );
}

/** What is said where there is nothing to show, with the way to something. */
export function Empty({ text, children }: { text: string; children?: Child }): Html {
  return (
    <div class="empty">
      <p>{text}</p>
      {children}
    </div>
  );
}

export type Tone = "good" | "warning" | "critical" | "accent" | "plain";

export function Badge({ tone = "plain", children }: { tone?: Tone; children?: Child }): Html {
  return <span class={tone === "plain" ? "badge" : `badge ${tone}`}>{children}</span>;
}

/** Links that choose one of a few views of the same page. */
export function Tabs({
  label,
  tabs,
}: {
  readonly label: string;
  readonly tabs: readonly { readonly href: string; readonly label: string; readonly current: boolean }[];
}): Html {
  return (
    <nav aria-label={label}>
      <ul class="tabs">
        {tabs.map((tab) => (
          <li>
            <a href={tab.href} aria-current={tab.current ? "true" : undefined}>
              {tab.label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface PagerProps {
  /** The present address, whose other fields stay. */
  readonly url: URL;
  readonly nextCursor: string | null;
  /** What the first page is called, where it is not the newest. */
  readonly first?: string;
}

/** The way to the next page of a list. */
export function Pager({ url, nextCursor, first = "Newest" }: PagerProps): Html {
  const isFirst = !url.searchParams.has("cursor");
  if (isFirst && nextCursor === null) return <></>;
  return (
    <nav class="actions" aria-label="Pages">
      {isFirst ? null : (
        <a class="button secondary" href={withQuery(url, { cursor: null })}>
          {first}
        </a>
      )}
      {nextCursor === null ? null : (
        <a class="button secondary" href={withQuery(url, { cursor: nextCursor })}>
          Next page
        </a>
      )}
    </nav>
  );
}

/** The present address with some fields of its query changed; null takes one away. */
export function withQuery(url: URL, fields: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams(url.searchParams);
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  return query.size === 0 ? url.pathname : `${url.pathname}?${query}`;
}

/** Filters that are sent with GET: they stay in the address. Its fields are of parts/form.tsx. */
export function Filters({ children, submit = "Show" }: { children?: Child; submit?: string }): Html {
  return (
    <form method="get" class="filters">
      {children}
      <button type="submit" class="button secondary">
        {submit}
      </button>
    </form>
  );
}
