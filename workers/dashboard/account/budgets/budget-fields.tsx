/** The fields of a budget: credits, and what happens when they are used up. */
import type { Budget } from "../../../../shared/client/client.ts";
import type { FormState } from "../../form.ts";
import type { Html } from "../../page.tsx";
import { ChoiceField, TextField } from "../../parts/fields.tsx";

interface FieldsProps {
  readonly form: string;
  readonly state: FormState;
  /** null: a new one. */
  readonly budget: Budget | null;
}

export const HARD = "hard";

export function BudgetFields({ form, state, budget }: FieldsProps): Html {
  return (
    <>
      <TextField
        form={form}
        state={state}
        name="credits"
        type="decimal"
        label="Credits per usage period"
        hint="What was used since the period's start counts, also from before the budget."
        value={budget?.credits}
        required
      />
      <ChoiceField
        form={form}
        state={state}
        type="radio"
        name={HARD}
        label="When they are used up"
        options={[
          { value: "no", label: "Tell only", hint: "Use goes on; admins are told at 75, 90 and 100 %." },
          {
            value: "yes",
            label: "Deny",
            hint: "What does not fit is denied until the reset; admins are told as well.",
          },
        ]}
        chosen={[budget?.hard === true ? "yes" : "no"]}
      />
    </>
  );
}
