/** An account's terms, and what its invoices show: only what somebody changed is sent. */
import type { Account, Catalog, ChangeAccount } from "../../../shared/client/types.ts";
import type { Done } from "../define.tsx";
import type { FormState, FormValues } from "../form.ts";
import type { Format } from "../format.ts";
import type { Html, Page } from "../page.tsx";
import { ChoiceField, TextArea, TextField } from "../parts/fields.tsx";
import { Form } from "../parts/form.tsx";

export const TERMS = "terms";
export const DETAILS = "details";

interface TermsProps {
  readonly account: Account;
  readonly catalog: Catalog;
  readonly form: FormState;
  readonly format: Format;
}

export function TermsForm({ account, catalog, form, format }: TermsProps): Html {
  const shared = { form: TERMS, state: form };
  const agreed = agreedTerms(account);
  const known = catalog.plans.map(({ plan }) => plan);
  const gone = agreed.plans.filter((plan) => !known.includes(plan));
  return (
    <Form name={TERMS} state={form} submit="Save terms">
      <p class="muted">
        More included credits count at once. Fewer, another anchor date or time zone wait for the reset.
      </p>
      <ChoiceField
        {...shared}
        type="checkbox"
        name="plans"
        label="Plans"
        chosen={agreed.plans}
        options={[
          ...catalog.plans.map(({ plan, name, includedCredits }) => ({
            value: plan,
            label: name,
            hint: `${format.credits(includedCredits)} credits a period`,
          })),
          ...gone.map((plan) => ({ value: plan, label: plan, hint: "no longer in the catalogue" })),
        ]}
      />
      <TextField
        {...shared}
        name="anchorDate"
        type="date"
        label="Anchor date"
        value={agreed.anchorDate}
        required
      />
      <TextField {...shared} name="timeZone" label="Time zone" value={agreed.timeZone} required />
      <TextField
        {...shared}
        name="overagePrice"
        type="decimal"
        label={`Price per credit of overage in ${account.currency}`}
        hint="The catalogue's, where there is none."
        value={account.overagePrice ?? ""}
      />
      <TextField
        {...shared}
        name="automaticPacksMax"
        type="numeric"
        label="Packs added automatically, at most"
        hint="Per period. The catalogue's, where there is none."
        value={account.automaticPacksMax ?? ""}
      />
      <TextField
        {...shared}
        name="termPeriods"
        type="numeric"
        label="Periods of a term"
        hint="From the next term on."
        value={account.termPeriods}
        required
      />
    </Form>
  );
}

/** What waits for the reset included. */
function agreedTerms({ plans, anchorDate, timeZone, pending }: Account) {
  return {
    plans: (pending?.plans ?? plans).map(({ plan }) => plan),
    anchorDate: pending?.anchorDate ?? anchorDate,
    timeZone: pending?.timeZone ?? timeZone,
  };
}

export async function changeTerms(page: Page, id: string, form: FormValues): Promise<Done> {
  const account = await page.client.account(id);
  const { overagePrice, automaticPacksMax, termPeriods } = account;
  const before = { ...agreedTerms(account), overagePrice, automaticPacksMax, termPeriods };
  const after = {
    plans: [...form.all("plans")],
    anchorDate: form.text("anchorDate"),
    timeZone: form.text("timeZone"),
    overagePrice: form.optional("overagePrice") ?? null,
    automaticPacksMax: form.optionalNumber("automaticPacksMax") ?? null,
    termPeriods: form.number("termPeriods"),
  };
  return save(page, id, changed(before, after), "The terms are changed.");
}

interface DetailsProps {
  readonly account: Account;
  readonly form: FormState;
}

export function DetailsForm({ account, form }: DetailsProps): Html {
  const shared = { form: DETAILS, state: form };
  const { buyer, tax } = account;
  return (
    <Form name={DETAILS} state={form} submit="Save">
      <TextField {...shared} name="name" label="Name" value={account.name} required />
      <TextField
        {...shared}
        name="invoicePrefix"
        label="Invoice prefix"
        hint="1 to 20 capitals and digits; invoices are named with it from now on."
        value={account.invoicePrefix}
        required
      />
      <TextField {...shared} name="buyer.name" label="Buyer" value={buyer.name} required />
      <TextArea {...shared} name="buyer.address" label="Buyer's address" value={buyer.address} rows={3} />
      <TextArea
        {...shared}
        name="buyer.taxIds"
        label="Buyer's tax ids"
        hint="Each on a line of its own."
        value={buyer.taxIds.join("\n")}
        rows={2}
      />
      <TextField
        {...shared}
        name="buyer.purchaseOrder"
        label="Purchase order"
        value={buyer.purchaseOrder ?? ""}
      />
      <TextField {...shared} name="taxName" label="Tax" hint="Such as VAT." value={tax?.name ?? ""} />
      <TextField
        {...shared}
        name="taxPercent"
        type="decimal"
        label="Tax in percent"
        value={tax?.percent ?? ""}
      />
      <TextField
        {...shared}
        name="netDays"
        type="numeric"
        label="Due after days"
        value={account.netDays}
        required
      />
    </Form>
  );
}

export async function changeDetails(page: Page, id: string, form: FormValues): Promise<Done> {
  const { name, invoicePrefix, buyer, tax, netDays } = await page.client.account(id);
  const taxName = form.text("taxName");
  const taxPercent = form.text("taxPercent");
  const after = {
    name: form.text("name"),
    invoicePrefix: form.text("invoicePrefix"),
    buyer: {
      name: form.text("buyer.name"),
      address: form.text("buyer.address").replaceAll("\r\n", "\n"),
      taxIds: linesOf(form.text("buyer.taxIds")),
      purchaseOrder: form.optional("buyer.purchaseOrder") ?? null,
    },
    tax: taxName === "" && taxPercent === "" ? null : { name: taxName, percent: taxPercent },
    netDays: form.number("netDays"),
  };
  const before = { name, invoicePrefix, buyer, tax, netDays };
  return save(page, id, changed(before, after), "Saved.");
}

function linesOf(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "");
}

/** The fields whose values differ. */
function changed<Values extends object>(before: Values, after: Values): Partial<Values> {
  const fields = Object.entries(after).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field as keyof Values]),
  );
  return Object.fromEntries(fields) as Partial<Values>;
}

async function save({ client, url }: Page, id: string, change: ChangeAccount, said: string): Promise<Done> {
  if (Object.keys(change).length === 0) return { to: url.pathname, said: "Nothing was changed." };
  await client.changeAccount(id, change);
  return { to: url.pathname, said };
}
