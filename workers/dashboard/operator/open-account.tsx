/** Opening an account (rules, 2): with what most need; all else can be changed later. */

import type { Catalog } from "../../../shared/client/types.ts";
import { operatorPage } from "../define.tsx";
import type { FormState, FormValues } from "../form.ts";
import { type Html, type Page, PageNotFound } from "../page.tsx";
import { Card, PageHead } from "../parts/blocks.tsx";
import { ChoiceField, TextField } from "../parts/fields.tsx";
import { Form } from "../parts/form.tsx";
import { manageAccountPath } from "../parts/paths.ts";
import { keyMayChange } from "./parts.tsx";

const OPEN = "open";

export const openAccountPage = operatorPage({
  path: "/open-account",
  nav: "accounts",
  title: "Open an account",
  load: (page) => {
    if (!keyMayChange(page)) throw new PageNotFound();
    return page.client.catalog();
  },
  view: (catalog, page, form) => (
    <>
      <p>
        <a href="/operator/accounts">All accounts</a>
      </p>
      <PageHead
        title="Open an account"
        lead={
          page.mode === "test"
            ? "A test account: it and live accounts never meet."
            : "It begins with the included credits of its plans."
        }
      />
      <Card>
        <Form name={OPEN} state={form} submit="Open the account">
          <Fields catalog={catalog} page={page} form={form} />
        </Form>
      </Card>
    </>
  ),
  actions: { [OPEN]: { run: open, fields: { plans: "plans", testClock: "testClock" } } },
});

interface FieldsProps {
  readonly catalog: Catalog;
  readonly page: Page;
  readonly form: FormState;
}

function Fields({ catalog, page, form }: FieldsProps): Html {
  const shared = { form: OPEN, state: form };
  return (
    <>
      <TextField
        {...shared}
        name="account"
        label="Id"
        hint="Letters, digits, '_', '-' and '.'. It never changes."
        required
      />
      <TextField {...shared} name="name" label="Name" hint="The id, where there is none." />
      <ChoiceField
        {...shared}
        type="checkbox"
        name="plans"
        label="Plans"
        hint={
          catalog.plans.length === 0
            ? "The catalogue has no plans yet; an account without one begins with 0 credits."
            : "The one with the most included credits counts."
        }
        options={catalog.plans.map(({ plan, name, includedCredits }) => ({
          value: plan,
          label: name,
          hint: `${page.format.credits(includedCredits)} credits a period`,
        }))}
      />
      <TextField {...shared} name="currency" label="Currency" value="USD" hint="It never changes." required />
      <TextField
        {...shared}
        name="timeZone"
        label="Time zone"
        value="UTC"
        hint="Its days and periods begin at midnight there, such as Europe/Berlin."
        required
      />
      <TextField
        {...shared}
        name="anchorDate"
        type="date"
        label="Subscription began on"
        hint="Periods begin on this day of the month. Today, where there is none."
      />
      {page.mode === "test" ? (
        <TextField
          {...shared}
          name="testClock"
          label="Test clock"
          hint="It then lives by that clock's time."
        />
      ) : null}
    </>
  );
}

async function open({ client }: Page, form: FormValues) {
  const name = form.optional("name");
  const anchorDate = form.optional("anchorDate");
  const testClock = form.optional("testClock");
  const { account } = await client.createAccount({
    account: form.text("account"),
    currency: form.text("currency").toUpperCase(),
    timeZone: form.text("timeZone"),
    plans: [...form.all("plans")],
    ...(name === undefined ? {} : { name }),
    ...(anchorDate === undefined ? {} : { anchorDate }),
    ...(testClock === undefined ? {} : { testClock }),
  });
  return { to: manageAccountPath(account), said: `The account ${account} is open.` };
}
