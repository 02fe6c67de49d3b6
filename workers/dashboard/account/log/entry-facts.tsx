/** Who, for what and when: the facts of a booked event. */

import type { Child } from "hono/jsx";
import type { LogEntry } from "../../../../shared/client/types.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Facts } from "../../parts/blocks.tsx";
import { featurePath, periodPath } from "../../parts/paths.ts";
import { nameWithId } from "../../parts/words.ts";
import { denialText } from "../usage/denial-words.ts";
import type { Names } from "./log-names.ts";

interface FactsProps {
  readonly entry: LogEntry;
  readonly names: Names;
  readonly page: AccountPage;
}

export function EntryFacts({ entry, names, page }: FactsProps): Html {
  const { format, root } = page;
  const { feature, user, teams = [], workflow, subject, occurredAt, bookedAt, late, wouldDeny } = entry;
  const properties = Object.entries(entry.properties ?? {});
  return (
    <>
      <Facts
        facts={[
          ["Feature", <a href={featurePath(root, feature)}>{names.featureName(feature)}</a>],
          ["User", user === undefined ? "none named" : nameWithId(names.userName(user), user)],
          teams.length === 0 ? null : [teams.length === 1 ? "Team" : "Teams", format.list(teams)],
          workflow === undefined ? null : ["Workflow", workflow],
          subject === undefined ? null : ["Subject", subject],
          ["Occurred", <Time at={occurredAt} page={page} />],
          ["Booked", <Time at={bookedAt} page={page} />],
          ["Counts in", periodText(entry, page)],
          late
            ? ["Late", "it occurred in a period that was closed already, so it counts in the one after"]
            : null,
          ["Decided", decidedText(entry)],
          wouldDeny === undefined
            ? null
            : ["Beyond policy", `${denialText(wouldDeny)}; a record is booked all the same`],
          entry.upgrade === undefined
            ? null
            : ["Caused", `${format.plural(entry.upgrade.packs, "pack")} added automatically`],
          ["Log number", format.count(entry.seq)],
        ]}
      />
      {properties.length === 0 ? null : (
        <>
          <h3>Properties</h3>
          <Facts facts={properties.map(([name, value]): [string, Child] => [name, String(value)])} />
        </>
      )}
    </>
  );
}

function Time({ at, page: { format } }: { readonly at: string; readonly page: AccountPage }): Html {
  return <time datetime={at}>{format.dateTime(at)}</time>;
}

/** The name of a period is its first day. */
function periodText({ period }: LogEntry, { format, root, may }: AccountPage): Child {
  const text = `the period from ${format.day(period)}`;
  return may("see_usage") ? <a href={periodPath(root, period)}>{text}</a> : text;
}

function decidedText({ mode, hold }: LogEntry): string {
  if (hold !== undefined) return "as the capture of a hold";
  return mode === "record"
    ? "recorded after the fact: always booked"
    : "before it was used: allowed, then booked";
}
