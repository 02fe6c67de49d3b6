/** What several pages of the operator use: filters in the address, a button in a row of a table, a secret shown once. */
import { FORM_FIELD, type FormState, FormValues, UNTOUCHED } from "../form.ts";
import type { Html, Page } from "../page.tsx";
import { Card } from "../parts/blocks.tsx";
import { Hidden } from "../parts/form.tsx";

export const FILTER = "filter";

/** Whether the key that signed in may change things; else forms and buttons are left out. */
export function keyMayChange({ viewer }: Page): boolean {
  return viewer.kind === "operator" && viewer.mayChange;
}

/** The named fields of the address that say something; an empty one of a form says nothing. */
export function askedOf<Name extends string>(
  { query }: Page,
  names: readonly Name[],
): Partial<Readonly<Record<Name, string>>> {
  const asked = names.flatMap((name) => {
    const value = query[name]?.trim() ?? "";
    return value === "" ? [] : [[name, value] as const];
  });
  return Object.fromEntries(asked) as Partial<Record<Name, string>>;
}

/** The filter as the address has it, for the fields of its form. */
export function filterState({ url }: Page): FormState {
  return { ...UNTOUCHED, refused: FILTER, values: new FormValues(url.searchParams) };
}

interface RowButtonProps {
  /** Which of the page's actions. */
  readonly action: string;
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly label: string;
  /** Says which row it is about, for those who do not see the table. */
  readonly about: string;
  readonly danger?: boolean;
}

/** One button in a row: a form of its own. */
export function RowButton({ action, fields, label, about, danger = false }: RowButtonProps): Html {
  return (
    <form method="post" class="form inline">
      <Hidden name={FORM_FIELD} value={action} />
      {Object.entries(fields).map(([name, value]) =>
        value === undefined ? null : <Hidden name={name} value={value} />,
      )}
      <button
        type="submit"
        class={danger ? "button danger" : "button secondary"}
        aria-label={`${label}: ${about}`}
      >
        {label}
      </button>
    </form>
  );
}

interface SecretProps {
  readonly title: string;
  readonly text: string;
  readonly secret: string;
}

/** A secret, in the answer of the form that made it and nowhere else. */
export function Secret({ title, text, secret }: SecretProps): Html {
  return (
    <Card title={title}>
      <p role="status">{text}</p>
      <p class="secret">
        <code>{secret}</code>
      </p>
    </Card>
  );
}
