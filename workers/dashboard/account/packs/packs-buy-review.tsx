/** What a purchase comes to, before it is confirmed: limit, maximum, price a month, term and invoice. */
import type { PackQuote } from "../../../../shared/client/types.ts";
import { multiplyMoney } from "../../../../shared/credits/money.ts";
import type { FormState } from "../../form.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Table, withQuery } from "../../parts/blocks.tsx";
import { Form, Hidden } from "../../parts/form.tsx";
import { BackLink } from "../../parts/steps.tsx";
import { DocumentLines } from "../invoices/invoice-lines.tsx";
import { SETTING_WORDS } from "../settings/setting-names.ts";
import { LIMITED, UNLIMITED } from "../settings/setting-words.tsx";

interface ReviewProps {
  /** The form's name. */
  readonly form: string;
  readonly quote: PackQuote;
  readonly page: AccountPage;
  readonly state: FormState;
}

export function PurchaseReview({ form, quote, page, state }: ReviewProps): Html {
  const { pack, name, quantity, first, overageSetting, maximum } = quote;
  const { format } = page;
  // One purchase for one review, however often it is sent.
  const key = state.values.text("key") || crypto.randomUUID();
  const choices = {
    pack,
    quantity: String(quantity),
    ...(first
      ? {
          setting: overageSetting.after,
          limit: maximum.after === null ? UNLIMITED : LIMITED,
          maximum: maximum.after === null ? "" : String(maximum.after),
        }
      : {}),
  };
  return (
    <>
      <h2>{`${format.count(quantity)} × ${name}`}</h2>
      <Table
        caption="What the purchase changes"
        columns={[{ label: "What" }, { label: "Now", number: true }, { label: "Then", number: true }]}
        rows={changesOf(quote, page)}
      />
      <p>{maximumText(quote, page)}</p>
      <h3>Invoice</h3>
      <Invoiced quote={quote} page={page} />
      <h3>Term</h3>
      <p>{termText(quote, page)}</p>
      <Form
        name={form}
        state={state}
        beside={<BackLink to={withQuery(page.url, { at: "packs" })} />}
        submit={quantity === 1 ? "Buy this pack" : `Buy ${format.count(quantity)} packs`}
      >
        <Hidden name="key" value={key} />
        {Object.entries(choices).map(([field, value]) => (
          <Hidden name={field} value={value} />
        ))}
      </Form>
    </>
  );
}

function changesOf(
  { limit, maximum, packsAmount, first, overageSetting }: PackQuote,
  { format }: AccountPage,
) {
  const credits = (amount: number | null) => (amount === null ? "None" : format.creditsExact(amount));
  return [
    ["Credits this month", credits(limit.before), credits(limit.after)],
    ["Packs a month, before tax", format.money(packsAmount.before), format.money(packsAmount.after)],
    ["Maximum a month", credits(maximum.before), credits(maximum.after)],
    ...(first
      ? [["Above the limit", SETTING_WORDS[overageSetting.before], SETTING_WORDS[overageSetting.after]]]
      : []),
  ];
}

/** What becomes of the maximum (5.9). */
function maximumText({ maximum, first }: PackQuote, { format }: AccountPage): string {
  const { before, after } = maximum;
  if (first || before === null) return "";
  return before === after
    ? "The maximum stays: it is not below the new limit."
    : `The maximum rises to ${format.creditsExact(after ?? 0)} credits, because the new limit is above it. Please review it afterwards.`;
}

function Invoiced({ quote: { invoice }, page }: { quote: PackQuote; page: AccountPage }): Html {
  const { format } = page;
  if (invoice === null) return <p>There is nothing to pay for this month.</p>;
  return (
    <>
      <p>{`Made at once, for the whole running month, and due on ${format.date(invoice.dueAt)}.`}</p>
      <DocumentLines document={invoice} format={format} />
    </>
  );
}

function termText({ term, price, quantity }: PackQuote, { format }: AccountPage): string {
  const left = term.periods - term.period;
  const monthly = format.money(multiplyMoney(price, quantity));
  const again =
    left === 0
      ? "This is the last month of the term."
      : `${monthly} before tax is invoiced again in advance at each of the ${format.plural(left, "reset")} left in the term.`;
  return `The packs stay until the term ends on ${format.date(term.end)}. ${again} Then they renew for another term, unless you end that before.`;
}
