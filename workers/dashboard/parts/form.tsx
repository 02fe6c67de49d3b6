/** Forms that post to their page; their fields are in fields.tsx. */
import type { Child } from "hono/jsx";
import { FORM_FIELD, type FormState, stateOf } from "../form.ts";
import type { Html } from "../page.tsx";

interface FormProps {
  /** Which of the page's actions it is for. */
  readonly name: string;
  readonly state: FormState;
  readonly submit: string;
  /** Warns by its colour: what it does cannot be taken back. */
  readonly danger?: boolean;
  /** One line, such as a button in a table: no summary of errors. */
  readonly inline?: boolean;
  /** Says more than the button's text, where several look alike. */
  readonly submitLabel?: string;
  /** Stands beside the button, such as the way back. */
  readonly beside?: Child;
  readonly children?: Child;
}

/** A form that posts to its page. What no single field caused is said on top. */
export function Form({
  name,
  state,
  submit,
  submitLabel,
  danger,
  inline,
  beside,
  children,
}: FormProps): Html {
  return (
    <form method="post" class={inline ? "form inline" : "form"} id={`form-${name}`}>
      <input type="hidden" name={FORM_FIELD} value={name} />
      <FormMessage name={name} state={state} />
      {children}
      <div class="actions">
        <button type="submit" class={danger ? "button danger" : "button"} aria-label={submitLabel}>
          {submit}
        </button>
        {beside}
      </div>
    </form>
  );
}

/** What is wrong with a form as a whole; nothing where nothing is. */
export function FormMessage({ name, state }: Pick<FormProps, "name" | "state">): Html {
  const { message, errors } = stateOf(state, name);
  const bad = Object.keys(errors).length;
  if (message === null && bad === 0) return <></>;
  return (
    <p class="form-message" role="alert">
      {message ?? (bad === 1 ? "One field needs a look." : `${bad} fields need a look.`)}
    </p>
  );
}

/** Carried along unseen. */
export function Hidden({ name, value }: { readonly name: string; readonly value: string }): Html {
  return <input type="hidden" name={name} value={value} />;
}
