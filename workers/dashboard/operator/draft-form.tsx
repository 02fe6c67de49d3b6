/** The form that edits a draft of the rate sheet: a block per feature, a row per action; works without JavaScript. */
import type { Child } from "hono/jsx";
import { FORM_FIELD } from "../form.ts";
import type { Html } from "../page.tsx";
import { Hidden } from "../parts/form.tsx";
import type { Draft, DraftFeature } from "./draft.ts";
import { ACTION_FIELDS, ActionRows, type Errors, Input, Tick } from "./draft-actions.tsx";

export const DRAFT = "draft";
/** Names what a button of the form asks for. */
export const ASKED = "do";

/** So many features are shown open; more are closed, so that the page stays readable. */
const OPEN_MAX = 4;

interface DraftFormProps {
  readonly draft: Draft;
  readonly errors: Errors;
  /** What else is asked before the draft goes on, such as the accounts of a quote. */
  readonly children?: Child;
}

export function DraftForm({ draft, errors, children }: DraftFormProps): Html {
  return (
    <form method="post" id={`form-${DRAFT}`}>
      <Hidden name={FORM_FIELD} value={DRAFT} />
      {/* The first button is the one that the Enter key presses. */}
      <button type="submit" name={ASKED} value="update" class="visually-hidden" tabindex={-1}>
        Update the draft
      </button>
      <OtherErrors draft={draft} errors={errors} />
      {draft.map((feature, index) => (
        <FeatureFields
          feature={feature}
          index={index}
          errors={errors}
          isOpen={
            draft.length <= OPEN_MAX ||
            feature.feature === "" ||
            feature.actions.some(({ action }) => action === "") ||
            Object.keys(errors).some((field) => field.startsWith(`features.${index}.`))
          }
        />
      ))}
      <div class="actions">
        <Ask value="add-feature" label="Add a feature" />
        <Ask value="update" label="Apply and remove what is ticked" />
      </div>
      {children}
    </form>
  );
}

interface AskProps {
  readonly value: string;
  readonly label: string;
  /** Says which of several it is, for those who do not see where it stands. */
  readonly about?: string;
  readonly main?: boolean;
}

/** A button that sends the whole draft. */
export function Ask({ value, label, about, main = false }: AskProps): Html {
  return (
    <button
      type="submit"
      name={ASKED}
      value={value}
      class={main ? "button" : "button secondary"}
      aria-label={about === undefined ? undefined : `${label}: ${about}`}
    >
      {label}
    </button>
  );
}

/** Errors that no field of the form shows. */
function OtherErrors({ draft, errors }: Pick<DraftFormProps, "draft" | "errors">): Html {
  const shown = new Set(["json", "accounts", "from", "to", ...draft.flatMap(fieldsOf)]);
  const others = Object.entries(errors).filter(([field]) => !shown.has(field));
  const count = Object.keys(errors).length;
  if (count === 0) return <></>;
  return (
    <div class="form-message" role="alert">
      <p>{count === 1 ? "One field needs a look." : `${count} fields need a look.`}</p>
      {others.length === 0 ? null : (
        <ul>
          {others.map(([field, message]) => (
            <li>
              {field}: {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const FEATURE_FIELDS = ["feature", "name", "category", "description"] as const;

function fieldsOf({ actions }: DraftFeature, index: number): readonly string[] {
  const at = `features.${index}`;
  return [
    ...FEATURE_FIELDS.map((field) => `${at}.${field}`),
    ...actions.flatMap((_, row) => ACTION_FIELDS.map((field) => `${at}.actions.${row}.${field}`)),
  ];
}

interface FeatureProps {
  readonly feature: DraftFeature;
  readonly index: number;
  readonly errors: Errors;
  readonly isOpen: boolean;
}

const FEATURE_LABELS = {
  feature: "Id",
  name: "Name",
  category: "Category",
  description: "Description",
} as const;

function FeatureFields({ feature, index, errors, isOpen }: FeatureProps): Html {
  const at = `features.${index}`;
  const title = feature.name || feature.feature || "New feature";
  return (
    <details class="card draft-feature" open={isOpen}>
      <summary>
        <span class="draft-title">{title}</span>{" "}
        <span class="muted">
          {feature.actions.length === 1 ? "1 action" : `${feature.actions.length} actions`}
        </span>
      </summary>
      <fieldset class="field">
        <legend class="visually-hidden">{title}</legend>
        <div class="draft-fields">
          {FEATURE_FIELDS.map((field) => (
            <div class="field">
              <label for={`${at}.${field}`}>{FEATURE_LABELS[field]}</label>
              <Input name={`${at}.${field}`} value={feature[field]} errors={errors} />
            </div>
          ))}
        </div>
        <Tick
          name={`${at}.beta`}
          checked={feature.beta}
          label="Beta: metered, free until a version prices it"
        />
        <ActionRows actions={feature.actions} at={at} title={title} errors={errors} />
        <div class="actions">
          <Ask value={`add-action:${index}`} label="Add an action" about={title} />
          <Tick name={`${at}.remove`} checked={false} label="Remove this feature" />
        </div>
      </fieldset>
    </details>
  );
}
