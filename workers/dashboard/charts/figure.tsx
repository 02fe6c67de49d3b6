/** What every chart has around it: caption, legend, and its figures as a table. */
import type { Child } from "hono/jsx";

/** A row of the table: its header and its cells. */
export interface ChartTableRow {
  readonly header: string;
  readonly cells: readonly string[];
}

export interface ChartTable {
  readonly columns: readonly string[];
  readonly rows: readonly ChartTableRow[];
}

export interface ChartFigureProps {
  readonly title: string;
  readonly table: ChartTable;
  readonly children?: Child;
}

/** The drawing (and legend) under its title; the same figures as a table that opens below. */
export function ChartFigure({ title, table, children }: ChartFigureProps) {
  return (
    <figure class="chart">
      <figcaption class="chart-title">{title}</figcaption>
      {children}
      <details class="chart-table">
        <summary>Show as table</summary>
        <FigureTable title={title} table={table} />
      </details>
    </figure>
  );
}

function FigureTable({ title, table }: { readonly title: string; readonly table: ChartTable }) {
  const [first, ...others] = table.columns;
  return (
    <section class="scroll" tabindex={0} aria-label={`${title}, table`}>
      <table>
        <caption class="visually-hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{first}</th>
            {others.map((column) => (
              <th scope="col" class="number">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map(({ header, cells }) => (
            <tr>
              <th scope="row">{header}</th>
              {cells.map((cell) => (
                <td class="number">{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A chart with nothing to draw. */
export function EmptyChart({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <figure class="chart">
      <figcaption class="chart-title">{title}</figcaption>
      <p class="chart-empty">{text}</p>
    </figure>
  );
}

export interface LegendItem {
  /** The class of the colour: "series-1", "limit". */
  readonly mark: string;
  /** How it is drawn: an area, a line or a dashed line. */
  readonly kind: "area" | "line" | "dashed";
  readonly name: string;
  readonly href?: string | undefined;
  /** The figure after the name. */
  readonly text?: string | undefined;
}

/** The names of what is drawn, with their figures. */
export function Legend({ items }: { readonly items: readonly LegendItem[] }) {
  return (
    <ul class="chart-legend">
      {items.map(({ mark, kind, name, href, text }) => (
        <li>
          <Swatch mark={mark} kind={kind} />
          <span class="chart-legend-name">{href === undefined ? name : <a href={href}>{name}</a>}</span>
          {text === undefined ? null : <span class="chart-legend-figure">{text}</span>}
        </li>
      ))}
    </ul>
  );
}

function Swatch({ mark, kind }: Pick<LegendItem, "mark" | "kind">) {
  return (
    <svg class="chart-swatch" width="14" height="12" aria-hidden="true">
      {kind === "area" ? (
        <rect class={mark} x="1" width="12" height="12" rx="3" />
      ) : (
        <line
          class={mark}
          x1="0"
          x2="14"
          y1="6"
          y2="6"
          stroke-dasharray={kind === "dashed" ? "4 3" : undefined}
        />
      )}
    </svg>
  );
}
