/** Every account of the session's mode: found by id, name or status (rules, 2). */

import type { AccountSummary } from "../../../shared/client/types.ts";
import { ACCOUNT_STATUSES, type AccountStatus } from "../../../shared/protocol.ts";
import { operatorPage } from "../define.tsx";
import type { Format } from "../format.ts";
import type { Html } from "../page.tsx";
import { Badge, Card, Empty, Filters, PageHead, Pager, Table, type Tone } from "../parts/blocks.tsx";
import { SelectField, TextField } from "../parts/fields.tsx";
import { accountPath, manageAccountPath } from "../parts/paths.ts";
import { NONE } from "../parts/words.ts";
import { askedOf, FILTER, filterState, keyMayChange } from "./parts.tsx";

const PAGE_SIZE = 50;

const STATUS: Readonly<Record<AccountStatus, { readonly label: string; readonly tone: Tone }>> = {
  open: { label: "Open", tone: "good" },
  suspended: { label: "Suspended", tone: "critical" },
  closed: { label: "Closed", tone: "plain" },
};

export function StatusBadge({ status }: { readonly status: AccountStatus }): Html {
  return <Badge tone={STATUS[status].tone}>{STATUS[status].label}</Badge>;
}

export const accountsPage = operatorPage({
  path: "/accounts",
  nav: "accounts",
  title: "Accounts",
  load: (page) => {
    const { status, ...asked } = askedOf(page, ["search", "status", "cursor"]);
    const known = ACCOUNT_STATUSES.find((one) => one === status);
    return page.client.accounts({
      ...asked,
      ...(known === undefined ? {} : { status: known }),
      limit: PAGE_SIZE,
    });
  },
  view: ({ data, nextCursor }, page) => {
    const state = filterState(page);
    const isFiltered = ["search", "status", "cursor"].some((name) => page.query[name]);
    return (
      <>
        <PageHead title="Accounts" lead="Who buys credits from you.">
          {keyMayChange(page) ? (
            <a class="button" href="/operator/open-account">
              Open an account
            </a>
          ) : null}
        </PageHead>
        <Filters submit="Search">
          <TextField form={FILTER} state={state} name="search" label="Id or name" />
          <SelectField
            form={FILTER}
            state={state}
            name="status"
            label="Status"
            options={[
              { value: "", label: "Any" },
              ...ACCOUNT_STATUSES.map((status) => ({ value: status, label: STATUS[status].label })),
            ]}
          />
        </Filters>
        <Card>
          {data.length === 0 ? (
            <Empty
              text={isFiltered ? "No account is like that." : "There is no account yet. Open the first one."}
            >
              {isFiltered ? (
                <a class="button secondary" href="/operator/accounts">
                  Show all
                </a>
              ) : null}
            </Empty>
          ) : (
            <Table
              caption="Accounts"
              columns={[
                { label: "Account" },
                { label: "Status" },
                { label: "Usage" },
                { label: "Plan" },
                { label: "Included", number: true },
                { label: "Next reset" },
                { label: "Manage", unseen: true },
              ]}
              rows={data.map((account) => rowOf(account, page.format))}
            />
          )}
          <Pager url={page.url} nextCursor={nextCursor} first="First page" />
        </Card>
        <p class="muted">
          The list is some seconds behind. Usage is the last notice of the running period; credits added since
          may have changed it.
        </p>
      </>
    );
  },
});

function rowOf(summary: AccountSummary, format: Format) {
  const { account, name, status, plans, resetAt, lastNotice, testClock } = summary;
  return [
    <>
      <a href={accountPath(account)}>{name}</a>
      <small class="break">
        {name === account ? null : account}
        {testClock === null ? null : ` on clock ${testClock}`}
      </small>
    </>,
    <StatusBadge status={status} />,
    <UsageBadge notice={lastNotice} format={format} />,
    plans.length === 0 ? NONE : format.list(plans.map(({ plan }) => plan)),
    plans.length === 0
      ? NONE
      : format.credits(Math.max(...plans.map(({ includedCredits }) => includedCredits))),
    resetAt === null ? NONE : <span class="nowrap">{format.date(resetAt)}</span>,
    <a href={manageAccountPath(account)} aria-label={`Manage ${name}`}>
      Manage
    </a>,
  ];
}

interface UsageBadgeProps {
  readonly notice: AccountSummary["lastNotice"];
  readonly format: Format;
}

/** How far usage had come when the account was last told of it. */
function UsageBadge({ notice, format }: UsageBadgeProps): Html {
  if (notice === null) return <span class="muted">No notice</span>;
  const [tone, label]: readonly [Tone, string] =
    notice.kind === "usage_threshold"
      ? ["warning", `${format.percent(notice.percent ?? 0)} used`]
      : notice.kind === "limit_passed"
        ? ["warning", "Limit passed"]
        : ["critical", "Maximum reached"];
  return (
    <>
      <Badge tone={tone}>{label}</Badge>
      <small class="nowrap">{format.date(notice.at)}</small>
    </>
  );
}
