/** The proof that an account's balance, log, roll-ups and invoices agree (rules, 7.4), run when somebody asks. */

import type { Reconciliation } from "../../../shared/client/types.ts";
import type { Shown } from "../define.tsx";
import type { FormState, FormValues } from "../form.ts";
import type { Format } from "../format.ts";
import type { Html, Page } from "../page.tsx";
import { Badge, Card, Table } from "../parts/blocks.tsx";
import { TextField } from "../parts/fields.tsx";
import { Form } from "../parts/form.tsx";
import { NONE } from "../parts/words.ts";

export const RECONCILE = "reconcile";

export function ReconcileForm({ form }: { readonly form: FormState }): Html {
  return (
    <Form name={RECONCILE} state={form} submit="Compare">
      <TextField
        form={RECONCILE}
        state={form}
        name="from"
        type="date"
        label="Periods from"
        hint="Compares what the account, the log and the invoices say, to the last digit. All periods, where there is no day."
      />
    </Form>
  );
}

export async function reconcile(page: Page, account: string, form: FormValues): Promise<Shown> {
  const from = form.optional("from");
  const found = await page.client.reconcile(account, from === undefined ? {} : { from });
  return { shown: <Result found={found} format={page.format} />, keepsForm: true };
}

interface ResultProps {
  readonly found: Reconciliation;
  readonly format: Format;
}

function Result({ found, format }: ResultProps): Html {
  const { ok, unshipped, periods, mismatches } = found;
  const credits = (value: number | null) => (value === null ? NONE : format.creditsExact(value));
  return (
    <Card title="What the comparison found" id="reconciled">
      <p role="status">
        <Badge tone={ok ? "good" : "critical"}>{ok ? "All agree" : "Differences"}</Badge>{" "}
        {unshipped === 0 ? null : `${format.plural(unshipped, "entry", "entries")} on the way to the log.`}
      </p>
      {mismatches.length === 0 ? null : (
        <ul>
          {mismatches.map((mismatch) => (
            <li class="break">{mismatch}</li>
          ))}
        </ul>
      )}
      <Table
        caption="Credits by period"
        columns={[
          { label: "Period" },
          { label: "Account", number: true },
          { label: "Log", number: true },
          { label: "On the way", number: true },
          { label: "Roll-ups", number: true },
          { label: "Billed from", number: true },
          { label: "Result" },
        ]}
        rows={periods.map((period) => [
          <span class="nowrap">{format.day(period.period)}</span>,
          credits(period.used),
          credits(period.segments),
          credits(period.tail),
          credits(period.rollups),
          credits(period.correctedUsed ?? period.closedUsed),
          <Badge tone={period.ok ? "good" : "critical"}>{period.ok ? "Agrees" : "Differs"}</Badge>,
        ])}
      />
    </Card>
  );
}
