/** Entries of the log as a table. */

import type { Child } from "hono/jsx";
import type { LogEntry } from "../../../../shared/client/types.ts";
import type { Format } from "../../format.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge, Table } from "../../parts/blocks.tsx";
import { entryPath } from "../../parts/paths.ts";
import { wordsOf } from "../../parts/words.ts";
import type { Names } from "./log-names.ts";

/** Of an event with many parts only the first are listed; its own page has them all. */
const ITEMS_SHOWN = 3;

interface TableProps {
  readonly entries: readonly LogEntry[];
  readonly names: Names;
  readonly page: AccountPage;
}

export function LogTable({ entries, names, page }: TableProps): Html {
  return (
    <Table
      caption="Entries, newest first"
      columns={[
        { label: "Occurred" },
        { label: "Feature and action" },
        { label: "Count", number: true },
        { label: "Each", number: true },
        { label: "Credits", number: true },
        { label: "User" },
        { label: "Workflow" },
        { label: "Subject" },
        { label: "Outcome" },
      ]}
      rows={entries.map((entry) => cellsOf(entry, names, page))}
    />
  );
}

function cellsOf(entry: LogEntry, names: Names, page: AccountPage): readonly Child[] {
  const { format } = page;
  const { feature, items, credits, user, workflow, subject, outcome } = entry;
  const shown = items.slice(0, ITEMS_SHOWN);
  const more = items.length - shown.length;
  const optional = (text: string | undefined) => (text === undefined ? "–" : <Cut text={text} />);
  return [
    <Occurred entry={entry} page={page} />,
    <>
      {names.featureName(feature)} <Marks entry={entry} />
      <Lines lines={shown.map(({ action }) => names.actionName(feature, action))} muted />
      {more > 0 ? <small>{`and ${format.plural(more, "more part")}`}</small> : null}
    </>,
    <Lines lines={shown.map((item) => countText(item, entry, format))} below={1} />,
    <Lines
      lines={shown.map(({ creditsEach }) => (creditsEach === null ? "–" : format.creditsExact(creditsEach)))}
      below={1}
    />,
    format.credits(credits),
    optional(user === undefined ? undefined : names.userName(user)),
    optional(workflow),
    optional(subject),
    outcome === undefined ? (
      "–"
    ) : (
      <>
        {wordsOf(outcome.type)}
        {outcome.value === undefined ? null : <small>{format.money(outcome.value)}</small>}
        {outcome.quantity === undefined ? null : (
          <small>{`${format.creditsExact(outcome.quantity)} ${outcome.unit ?? ""}`}</small>
        )}
      </>
    ),
  ];
}

/** Long ids end after a few lines; the entry's own page has them in full. */
function Cut({ text }: { readonly text: string }): Html {
  return (
    <span class="cut" title={text}>
      {text}
    </span>
  );
}

/** A correction of credits alone reverses no count. */
function countText({ quantity }: LogEntry["items"][number], { kind }: LogEntry, format: Format): string {
  return kind === "correction" && quantity === 0 ? "–" : format.creditsExact(quantity);
}

/** When, as the link to all there is to say about it. */
function Occurred({ entry, page: { format, root } }: { entry: LogEntry; page: AccountPage }): Html {
  const { id, occurredAt, correction, attached } = entry;
  const href = entryPath(root, correction?.event ?? attached?.event ?? id);
  const at = (
    <time datetime={occurredAt} class="when">
      {format.dateTime(occurredAt)}
    </time>
  );
  return href === null ? at : <a href={href}>{at}</a>;
}

function Marks({ entry }: { entry: LogEntry }): Html {
  const { kind, late, hold, overdraft, wouldDeny } = entry;
  return (
    <>
      {kind === "correction" ? <Badge tone="warning">Correction</Badge> : null}
      {kind === "outcome" ? <Badge tone="accent">Outcome added</Badge> : null}
      {late ? <Badge>Late</Badge> : null}
      {hold === undefined ? null : <Badge>Held</Badge>}
      {overdraft === undefined || overdraft === 0 ? null : <Badge tone="critical">Overdraft</Badge>}
      {wouldDeny === undefined || (overdraft ?? 0) > 0 ? null : <Badge tone="warning">Beyond policy</Badge>}
    </>
  );
}

/** A line per item; `below` so many lines that stand before them in the cell beside it. */
function Lines({
  lines,
  muted,
  below = 0,
}: {
  lines: readonly string[];
  muted?: boolean;
  below?: number;
}): Html {
  if (lines.length === 0) return <>–</>;
  const only = lines.length === 1 && below > 0;
  return (
    <>
      {only
        ? lines[0]
        : [...Array.from({ length: below }, () => "\u00a0"), ...lines].map((line) => (
            <span class={muted ? "line muted" : "line"}>{line}</span>
          ))}
    </>
  );
}
