/** One account in the operator's hands: its terms, its status, credits, sign-in links and the proof of its figures. */

import type { Account, Balance, Catalog, User } from "../../../shared/client/types.ts";
import { operatorPage } from "../define.tsx";
import type { FormState } from "../form.ts";
import type { Html, Page } from "../page.tsx";
import { Card, Facts, type Figure, Figures, PageHead } from "../parts/blocks.tsx";
import { accountPath } from "../parts/paths.ts";
import { GRANT, GrantForm, grantCredits, LINK, LinkForm, mintLink } from "./account-forms.tsx";
import { RECONCILE, ReconcileForm, reconcile } from "./account-reconcile.tsx";
import { CLOSE, close, RESUME, resume, StatusForms, SUSPEND, suspend } from "./account-status.tsx";
import { changeDetails, changeTerms, DETAILS, DetailsForm, TERMS, TermsForm } from "./account-terms.tsx";
import { StatusBadge } from "./accounts.tsx";
import { keyMayChange } from "./parts.tsx";

export interface AccountData {
  readonly account: Account;
  readonly balance: Balance;
  readonly catalog: Catalog;
  readonly users: readonly User[];
}

const USERS_MAX = 500;

export const accountPage = operatorPage<AccountData>({
  path: "/accounts/:account",
  nav: "accounts",
  title: ({ account }) => account.name,
  load: async (page) => {
    const id = accountOf(page);
    const { client } = page;
    const [account, balance, catalog, users] = await Promise.all([
      client.account(id),
      client.balance(id),
      client.catalog(),
      client.users(id, { limit: USERS_MAX }),
    ]);
    return { account, balance, catalog, users: users.data };
  },
  view: (data, page, form) => (
    <>
      <p>
        <a href="/operator/accounts">All accounts</a>
      </p>
      <PageHead
        title={data.account.name}
        lead={
          <>
            <StatusBadge status={data.account.status} /> <code>{data.account.account}</code>
          </>
        }
      >
        <a class="button secondary" href={accountPath(data.account.account)}>
          Its pages
        </a>
      </PageHead>
      <Card title="This period" id="this-period">
        <p>{data.balance.stateReason}</p>
        <Figures figures={figuresOf(data.balance, page)} />
      </Card>
      <Card title="Account">
        <About account={data.account} page={page} />
      </Card>
      {keyMayChange(page) ? <Changes data={data} page={page} form={form} /> : null}
    </>
  ),
  actions: {
    [GRANT]: { run: (page, form) => grantCredits(page, accountOf(page), form) },
    [LINK]: { run: (page, form) => mintLink(page, accountOf(page), form) },
    [TERMS]: { run: (page, form) => changeTerms(page, accountOf(page), form), fields: { plans: "plans" } },
    [DETAILS]: {
      run: (page, form) => changeDetails(page, accountOf(page), form),
      fields: { "buyer.taxIds": "buyer.taxIds", "tax.name": "taxName", "tax.percent": "taxPercent" },
    },
    [SUSPEND]: { run: (page, form) => suspend(page, accountOf(page), form) },
    [RESUME]: { run: (page) => resume(page, accountOf(page)) },
    [CLOSE]: { run: (page, form) => close(page, accountOf(page), form) },
    [RECONCILE]: { run: (page, form) => reconcile(page, accountOf(page), form) },
  },
});

function accountOf({ context }: Page): string {
  return context.req.param("account") ?? "";
}

function figuresOf(balance: Balance, { format }: Page): readonly Figure[] {
  const { used, limit, ceiling, overage, period, closedAt } = balance;
  return [
    { label: "Used", value: format.credits(used), note: `of ${format.credits(limit)} credits` },
    {
      label: "Above the limit",
      value: format.credits(overage),
      note: ceiling === null ? "nothing caps it" : `use stops at ${format.credits(ceiling)}`,
    },
    closedAt === null
      ? { label: "Next reset", value: format.date(period.end) }
      : { label: "Closed", value: format.date(closedAt) },
  ];
}

interface AboutProps {
  readonly account: Account;
  readonly page: Page;
}

function About({ account, page: { format } }: AboutProps): Html {
  const { plans, pending, testClock } = account;
  const waits =
    pending === null
      ? null
      : [
          pending.plans === undefined ? [] : [`plans ${planNames(pending.plans, format.credits)}`],
          pending.anchorDate === undefined ? [] : [`periods from the ${format.day(pending.anchorDate)}`],
          pending.timeZone === undefined ? [] : [`time zone ${pending.timeZone}`],
        ].flat();
  return (
    <Facts
      facts={[
        ["Plans", planNames(plans, format.credits)],
        ["Periods from", format.day(account.anchorDate)],
        ["Time zone", account.timeZone],
        ["Currency", account.currency],
        [
          "Price per credit",
          account.overagePrice === null
            ? "the catalogue's"
            : format.unitPrice(account.overagePrice, account.currency),
        ],
        ["Opened", format.dateTime(account.createdAt)],
        testClock === null ? null : ["Test clock", <a href="/operator/test-clocks">{testClock}</a>],
        waits === null || pending === null
          ? null
          : [`From ${format.date(pending.effectiveAt)}`, format.list(waits)],
      ]}
    />
  );
}

function planNames(plans: Account["plans"], credits: (credits: number) => string): string {
  if (plans.length === 0) return "none";
  return plans.map(({ plan, includedCredits }) => `${plan} (${credits(includedCredits)} credits)`).join(", ");
}

interface ChangesProps {
  readonly data: AccountData;
  readonly page: Page;
  readonly form: FormState;
}

function Changes({ data: { account, catalog, users }, page, form }: ChangesProps): Html {
  const isClosed = account.status === "closed";
  return (
    <>
      <div class="grid">
        {isClosed ? null : (
          <Card title="Grant credits" id="grant">
            <GrantForm form={form} />
          </Card>
        )}
        <Card title="Sign-in link">
          <LinkForm users={users} form={form} account={account.account} />
        </Card>
      </div>
      {isClosed ? (
        <p class="muted">A closed account never changes; its pages and its log stay.</p>
      ) : (
        <>
          <details class="card" open={form.refused === TERMS}>
            <summary>Change terms: plans, periods, prices</summary>
            <TermsForm account={account} catalog={catalog} form={form} format={page.format} />
          </details>
          <details class="card" open={form.refused === DETAILS}>
            <summary>Change name and what invoices show</summary>
            <DetailsForm account={account} form={form} />
          </details>
          <Card title="Status">
            <StatusForms account={account} form={form} />
          </Card>
        </>
      )}
      <Card title="Reconciliation">
        <ReconcileForm form={form} />
      </Card>
    </>
  );
}
