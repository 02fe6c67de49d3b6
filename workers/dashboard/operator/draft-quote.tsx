/** What a draft would have cost: which accounts and days, and the answer (rules, 8.5). */
import { QUOTED_ACCOUNTS_MAX } from "../../../shared/api/rate-quotes.ts";
import { DrawdownError } from "../../../shared/client/client.ts";
import { FormRefused, type FormState, type FormValues } from "../form.ts";
import type { Html, Page } from "../page.tsx";
import { Card } from "../parts/blocks.tsx";
import { TextArea, TextField } from "../parts/fields.tsx";
import { type Draft, wireOf } from "./draft.ts";
import { Ask, DRAFT } from "./draft-form.tsx";
import { Quote } from "./quote-table.tsx";

/** As many accounts as one quote prices. */
export const QUOTED_MAX = QUOTED_ACCOUNTS_MAX;

interface FieldsProps {
  /** Offered at first. */
  readonly accounts: readonly string[];
  readonly form: FormState;
}

export function QuoteFields({ accounts, form }: FieldsProps): Html {
  const shared = { form: DRAFT, state: form };
  return (
    <Card title="What would last month have cost?">
      <p class="muted">
        Every entry is priced again. Without days: each account's last closed period, or its last 30 days.
      </p>
      <TextArea
        {...shared}
        name="accounts"
        label="Accounts"
        hint={`Ids with commas between them, ${QUOTED_MAX} at most.`}
        value={accounts.join(", ")}
        rows={2}
      />
      <div class="draft-fields">
        <TextField {...shared} name="from" type="date" label="From" />
        <TextField {...shared} name="to" type="date" label="To" />
      </div>
      <Ask value="quote" label="Price it" />
    </Card>
  );
}

/** Prices the draft; accounts that do not exist are refused beside their field. */
export async function quoted({ client, format }: Page, form: FormValues, draft: Draft): Promise<Html> {
  const from = form.optional("from");
  const to = form.optional("to");
  try {
    const quote = await client.quoteRateSheet({
      features: wireOf(draft),
      accounts: [...form.names("accounts")],
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    });
    const featureNames = new Map(draft.map(({ feature, name }) => [feature, name || feature]));
    return <Quote quote={quote} format={format} featureNames={featureNames} />;
  } catch (error) {
    if (!(error instanceof DrawdownError) || error.problem.status !== 404) throw error;
    throw new FormRefused({ accounts: error.problem.detail });
  }
}
