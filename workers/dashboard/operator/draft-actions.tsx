/** The actions of a feature in a draft: a row of fields each, on a narrow screen one below the other. */
import type { Html } from "../page.tsx";
import type { DraftAction } from "./draft.ts";

/** Messages by name of the field. */
export type Errors = Readonly<Record<string, string>>;

export const ACTION_FIELDS = ["action", "name", "credits", "per"] as const;

interface ActionRowsProps {
  readonly actions: readonly DraftAction[];
  readonly at: string;
  readonly title: string;
  readonly errors: Errors;
}

const ACTION_LABELS = { action: "Action", name: "Name", credits: "Credits", per: "Per units" } as const;

export function ActionRows({ actions, at, title, errors }: ActionRowsProps): Html {
  return (
    <section class="scroll" tabindex={0} aria-label={`Actions of ${title}, table`}>
      <table class="draft-actions">
        <caption class="visually-hidden">Actions of {title}</caption>
        <thead>
          <tr>
            {ACTION_FIELDS.map((field) => (
              <th scope="col">{ACTION_LABELS[field]}</th>
            ))}
            <th scope="col">Each started counts in full</th>
            <th scope="col">Remove</th>
          </tr>
        </thead>
        <tbody>
          {actions.map((action, row) => (
            <ActionRow action={action} of={`${at}.actions.${row}`} errors={errors} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface ActionRowProps {
  readonly action: DraftAction;
  readonly of: string;
  readonly errors: Errors;
}

function ActionRow({ action, of, errors }: ActionRowProps): Html {
  const about = action.name || action.action || "new action";
  return (
    <tr>
      {ACTION_FIELDS.map((field) => (
        <td>
          <span class="draft-label" aria-hidden="true">
            {ACTION_LABELS[field]}
          </span>
          <Input
            name={`${of}.${field}`}
            value={action[field]}
            errors={errors}
            label={`${ACTION_LABELS[field]} of ${about}`}
            isNumber={field === "credits" || field === "per"}
          />
        </td>
      ))}
      <td>
        <span class="draft-label" aria-hidden="true">
          Each started counts in full
        </span>
        <input
          type="checkbox"
          name={`${of}.blocks`}
          value="yes"
          checked={action.blocks}
          aria-label={`Each started counts in full, of ${about}`}
        />
      </td>
      <td>
        <span class="draft-label" aria-hidden="true">
          Remove
        </span>
        <input type="checkbox" name={`${of}.remove`} value="yes" aria-label={`Remove ${about}`} />
      </td>
    </tr>
  );
}

interface InputProps {
  readonly name: string;
  readonly value: string;
  readonly errors: Errors;
  /** Left out where a label element names it. */
  readonly label?: string;
  readonly isNumber?: boolean;
}

/** A field with its error, named as the API names it. */
export function Input({ name, value, errors, label, isNumber = false }: InputProps): Html {
  const error = errors[name];
  return (
    <>
      <input
        id={name}
        name={name}
        value={value}
        autocomplete="off"
        inputmode={isNumber ? "decimal" : undefined}
        aria-label={label}
        aria-invalid={error === undefined ? undefined : "true"}
        aria-describedby={error === undefined ? undefined : `${name}-error`}
      />
      {error === undefined ? null : (
        <p class="error" id={`${name}-error`}>
          {error}
        </p>
      )}
    </>
  );
}

export function Tick({ name, checked, label }: { name: string; checked: boolean; label: string }): Html {
  return (
    <div class="choice">
      <input type="checkbox" id={name} name={name} value="yes" checked={checked} />
      <label for={name}>{label}</label>
    </div>
  );
}
