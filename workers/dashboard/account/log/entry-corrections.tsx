/** What corrections have reversed of an event (rules, 3.8). */

import type { EventFate } from "../../../../shared/client/types.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Table } from "../../parts/blocks.tsx";
import { logPath } from "../../parts/paths.ts";
import type { Names } from "./log-names.ts";

interface CorrectionsProps {
  readonly fate: EventFate;
  readonly names: Names;
  readonly page: AccountPage;
}

export function Corrections({ fate: { corrections = [], corrected = 0 }, page }: CorrectionsProps): Html {
  if (corrections.length === 0) return <></>;
  const { format, root } = page;
  return (
    <Card title="Corrections">
      <Table
        caption="Corrections, oldest first"
        columns={[
          { label: "Booked" },
          { label: "Why" },
          { label: "Counts in" },
          { label: "Reversed", number: true },
        ]}
        rows={corrections.map(({ id, bookedAt, day, feature, period, correction }) => [
          <a id={id} href={logPath(root, { from: day, to: day, feature })}>
            {format.dateTime(bookedAt)}
          </a>,
          <span class="break">{correction?.reason ?? ""}</span>,
          correction === undefined || correction.period === period
            ? `the period from ${format.day(period)}`
            : `the closed period from ${format.day(correction.period)}; its credit is on a later invoice`,
          format.creditsExact(correction?.credits ?? 0),
        ])}
        foot={["Reversed in total", "", "", format.creditsExact(corrected)]}
      />
      <p class="muted">Entries never change: a correction is an entry of its own that names the first.</p>
    </Card>
  );
}
