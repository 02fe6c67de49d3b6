/** Whether what happens behind the accounts keeps up, and what to do where it does not. */
import type { BillingRun } from "../../../shared/client/types.ts";
import { operatorPage } from "../define.tsx";
import type { Format } from "../format.ts";
import type { Html } from "../page.tsx";
import { Badge, Card, Empty, PageHead, Table } from "../parts/blocks.tsx";
import { type Check, checksOf, overall } from "./health-checks.ts";

const RUNS_SHOWN = 10;

export const healthPage = operatorPage({
  path: "",
  nav: "health",
  title: "Health",
  load: async ({ client }) => {
    const [status, runs] = await Promise.all([client.status(), client.billingRuns({ limit: RUNS_SHOWN })]);
    return { status, runs: runs.data };
  },
  view: ({ status, runs }, { format }) => {
    const checks = checksOf(status, format);
    const { tone, text } = overall(checks);
    return (
      <>
        <PageHead
          title="Health"
          lead={
            <>
              <Badge tone={tone}>{text}</Badge> as of {format.dateTime(status.at)}
            </>
          }
        />
        <Card title="Pipeline">
          <Checks checks={checks} />
          <p class="muted">
            Accounts allow and deny use without all of this: what waits here is not lost, it comes later.
          </p>
        </Card>
        <Card title="Last billing runs">
          <Runs runs={runs} format={format} />
        </Card>
        <Card title="Proof of the figures">
          <p>
            Each account's balance, log and invoices can be compared to the last digit: open{" "}
            <a href="/operator/accounts">an account</a>, then "Reconciliation".
          </p>
        </Card>
      </>
    );
  },
});

const LABELS = {
  good: "Good",
  warning: "Look at it",
  critical: "Act now",
  plain: "For information",
} as const;

function Checks({ checks }: { readonly checks: readonly Check[] }): Html {
  return (
    <ul class="checks">
      {checks.map(({ name, tone, now, todo, link }) => (
        <li>
          <h3>{name}</h3>
          <p>
            <Badge tone={tone}>{LABELS[tone]}</Badge>
          </p>
          <p>
            {now}
            {todo === "" ? null : <span class="todo">{todo}</span>}{" "}
            {link === undefined ? null : (
              <a class="nowrap" href={link.href}>
                {link.label}
              </a>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}

interface RunsProps {
  readonly runs: readonly BillingRun[];
  readonly format: Format;
}

function Runs({ runs, format }: RunsProps): Html {
  if (runs.length === 0) {
    return <Empty text="No account has fallen due yet. Each minute in which one does has a run here." />;
  }
  return (
    <Table
      caption="Runs that handed accounts to billing"
      columns={[{ label: "When" }, { label: "Accounts due", number: true }]}
      rows={runs.map(({ at, dispatched }) => [format.dateTime(at), format.count(dispatched)])}
    />
  );
}
