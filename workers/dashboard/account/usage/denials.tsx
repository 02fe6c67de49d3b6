/** Use that was wanted and not allowed: lost demand (rules, 3.6). */
import type { UsageReport } from "../../../../shared/client/types.ts";
import { sumDenials } from "../../../../shared/reports/denial-sums.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Table } from "../../parts/blocks.tsx";
import { upperFirst } from "../../parts/words.ts";
import type { Names } from "../log/log-names.ts";
import { denialText } from "./denial-words.ts";

/** Those with the most denials. */
const ROWS_SHOWN = 20;

interface DenialsProps {
  readonly report: UsageReport;
  readonly caption: string;
  readonly names: Pick<Names, "featureName" | "actionName">;
  readonly page: AccountPage;
}

/** Nothing where nothing was denied. */
export function Denials({ report, caption, names, page: { format } }: DenialsProps): Html {
  const denials = sumDenials(report.denials ?? []);
  if (denials.length === 0) return <></>;
  const more = denials.length - ROWS_SHOWN;
  return (
    <Card title="What was denied">
      <Table
        caption={caption}
        columns={[{ label: "Feature" }, { label: "Why" }, { label: "Denials", number: true }]}
        rows={denials.slice(0, ROWS_SHOWN).map(({ feature, action, reason, denials: count }) => [
          <>
            {names.featureName(feature)}
            <small>{names.actionName(feature, action)}</small>
          </>,
          upperFirst(denialText(reason)),
          format.count(count),
        ])}
      />
      {more <= 0 ? null : (
        <p class="muted">{`And ${format.plural(more, "more row")}, with fewer denials.`}</p>
      )}
      <p class="muted">Asked for, but not allowed: nothing was booked.</p>
    </Card>
  );
}
