/** Forms whose steps are in the address: how they stand when the API refuses what was chosen so far. */
import { DrawdownError } from "../../shared/client/client.ts";
import { FormRefused, type FormState, FormValues, refusedForm, UNTOUCHED } from "./form.ts";
import type { Page } from "./page.tsx";

/** What was asked for, or how the form stands because it was refused. */
export interface Asked<Answer> {
  readonly answer: Answer | null;
  readonly state: FormState;
}

/** Nothing was asked yet. */
export const NOT_ASKED: Asked<never> = { answer: null, state: UNTOUCHED };

interface AskedFields {
  /** The form's field for a field of the API, where their names differ. */
  readonly fields?: Readonly<Record<string, string>>;
  /** By code of a problem that names no field: what to say beside which field. */
  readonly codes?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Asks the API; what a form can put right becomes its state, as after a refused post. */
export async function askFor<Answer>(
  page: Page,
  form: string,
  ask: () => Promise<Answer>,
  { fields = {}, codes = {} }: AskedFields = {},
): Promise<Asked<Answer>> {
  try {
    return { answer: await ask(), state: UNTOUCHED };
  } catch (error) {
    if (!(error instanceof DrawdownError) || ![409, 422].includes(error.problem.status)) throw error;
    const values = new FormValues(page.url.searchParams);
    const errors = codes[error.problem.code];
    const refusal = errors === undefined ? error : new FormRefused(errors);
    return { answer: null, state: refusedForm(form, values, refusal, fields) };
  }
}
