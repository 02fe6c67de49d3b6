/** Test clocks (rules, 12): the time of test accounts, which an advance lets pass. */

import type { ListedTestClock } from "../../../shared/client/types.ts";
import { type Done, operatorPage } from "../define.tsx";
import type { FormState, FormValues } from "../form.ts";
import type { Html, Page } from "../page.tsx";
import { Card, Empty, PageHead, Pager, Table } from "../parts/blocks.tsx";
import { SelectField, TextField } from "../parts/fields.tsx";
import { Form } from "../parts/form.tsx";
import { accountPath } from "../parts/paths.ts";
import { NONE } from "../parts/words.ts";
import { keyMayChange } from "./parts.tsx";
import { instantOf } from "./time-field.ts";

const CREATE = "create";
const ADVANCE = "advance";
const ACCOUNTS_SHOWN = 20;

export const testClocksPage = operatorPage({
  path: "/test-clocks",
  nav: "test-clocks",
  title: "Test clocks",
  load: async ({ client, mode, query: { cursor } }) =>
    mode === "test" ? client.testClocks(cursor ? { cursor } : {}) : null,
  view: (found, page, form) => (
    <>
      <PageHead
        title="Test clocks"
        lead="Test accounts on a clock live by its time. Advancing it does at once what real time would have brought: resets, renewals, invoices, notices."
      />
      {found === null ? (
        <Card>
          <Empty text="Test clocks belong to test mode. Sign in with a test key to use them." />
        </Card>
      ) : (
        <>
          <Card>
            {found.data.length === 0 ? (
              <Empty text="There is no test clock yet." />
            ) : (
              <Table
                caption="Test clocks"
                columns={[{ label: "Clock" }, { label: "Its time" }, { label: "Accounts" }]}
                rows={found.data.map(({ testClock, now, accounts }) => [
                  testClock,
                  <span class="nowrap">{page.format.dateTime(now)}</span>,
                  <Accounts accounts={accounts} />,
                ])}
              />
            )}
            <Pager url={page.url} nextCursor={found.nextCursor} first="First page" />
          </Card>
          {keyMayChange(page) ? <Forms clocks={found.data} form={form} page={page} /> : null}
        </>
      )}
    </>
  ),
  actions: {
    [CREATE]: { run: create },
    [ADVANCE]: { run: advance, fields: { to: "to" } },
  },
});

function Accounts({ accounts }: { readonly accounts: readonly string[] }): Html {
  if (accounts.length === 0) return <>{NONE}</>;
  const more = accounts.length - ACCOUNTS_SHOWN;
  return (
    <>
      {accounts.slice(0, ACCOUNTS_SHOWN).map((account, index) => (
        <>
          {index === 0 ? null : ", "}
          <a href={accountPath(account)}>{account}</a>
        </>
      ))}
      {more > 0 ? ` and ${more} more` : null}
    </>
  );
}

interface FormsProps {
  readonly clocks: readonly ListedTestClock[];
  readonly form: FormState;
  readonly page: Page;
}

function Forms({ clocks, form, page }: FormsProps): Html {
  const asked = page.query.clock;
  return (
    <div class="grid">
      {clocks.length === 0 ? null : (
        <Card title="Advance a clock">
          <Form name={ADVANCE} state={form} submit="Advance">
            <SelectField
              form={ADVANCE}
              state={form}
              name="clock"
              label="Clock"
              value={asked ?? clocks[0]?.testClock}
              options={clocks.map(({ testClock, now }) => ({
                value: testClock,
                label: `${testClock} (${page.format.dateTime(now)})`,
              }))}
              required
            />
            <TextField
              form={ADVANCE}
              state={form}
              name="to"
              type="datetime-local"
              label="To (UTC)"
              hint="At most 400 days at once; a clock never goes back."
              required
            />
          </Form>
        </Card>
      )}
      <Card title="Create a clock">
        <Form name={CREATE} state={form} submit="Create">
          <TextField form={CREATE} state={form} name="testClock" label="Name" required />
          <TextField
            form={CREATE}
            state={form}
            name="now"
            type="datetime-local"
            label="Its time (UTC)"
            hint="Before the first version of the rate sheet nothing has a price."
            required
          />
        </Form>
      </Card>
    </div>
  );
}

async function create({ client, url }: Page, form: FormValues): Promise<Done> {
  const { testClock } = await client.createTestClock(form.text("testClock"), instantOf(form, "now"));
  return { to: url.pathname, said: `The clock ${testClock} is there. Open test accounts on it.` };
}

async function advance({ client, url, format }: Page, form: FormValues): Promise<Done> {
  const { testClock, now } = await client.advanceTestClock(form.text("clock"), instantOf(form, "to"));
  const query = new URLSearchParams({ clock: testClock });
  return { to: `${url.pathname}?${query}`, said: `${testClock} is at ${format.dateTime(now)}.` };
}
