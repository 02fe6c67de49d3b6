/** Fields of forms: each with its label, hint and error, tied together for those who do not see them. */
import type { Child } from "hono/jsx";
import { type FormState, stateOf } from "../form.ts";
import type { Html } from "../page.tsx";

interface FieldProps {
  readonly form: string;
  readonly state: FormState;
  readonly name: string;
  readonly label: string;
  readonly hint?: Child;
  /** Shown while the form was not sent. */
  readonly value?: string | number | undefined;
  readonly required?: boolean;
}

interface Described {
  readonly id: string;
  readonly error: string | undefined;
  readonly describedBy: string | undefined;
  readonly value: string;
}

function describe({ form, state, name, hint, value }: FieldProps): Described {
  const own = stateOf(state, form);
  const id = `${form}-${name}`;
  const error = own.errors[name];
  const ids = [hint === undefined ? [] : [`${id}-hint`], error === undefined ? [] : [`${id}-error`]].flat();
  return {
    id,
    error,
    describedBy: ids.length === 0 ? undefined : ids.join(" "),
    value: own.refused === null ? String(value ?? "") : (own.values.shown[name] ?? ""),
  };
}

function Around({
  props,
  described,
  children,
}: {
  props: FieldProps;
  described: Described;
  children: Child;
}) {
  const { id, error } = described;
  return (
    <div class={error === undefined ? "field" : "field bad"}>
      <label for={id}>
        {props.label}
        {props.required === true ? null : <span class="optional"> (optional)</span>}
      </label>
      {props.hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      {children}
      {error === undefined ? null : (
        <p class="error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

interface TextProps extends FieldProps {
  /** `numeric` for whole numbers, `decimal` for amounts: text fields with the right keyboard. */
  readonly type?: "text" | "email" | "date" | "datetime-local" | "password" | "url" | "numeric" | "decimal";
  readonly autocomplete?: string;
  /** Offered while typing; others may be typed too. */
  readonly suggestions?: readonly Option[];
}

export function TextField({
  type = "text",
  autocomplete = "off",
  suggestions = [],
  ...props
}: TextProps): Html {
  const described = describe(props);
  const list = suggestions.length === 0 ? undefined : `${described.id}-list`;
  const isNumber = type === "numeric" || type === "decimal";
  return (
    <Around props={props} described={described}>
      <input
        id={described.id}
        name={props.name}
        type={isNumber ? "text" : type}
        inputmode={isNumber ? type : undefined}
        value={type === "password" ? "" : described.value}
        autocomplete={autocomplete}
        list={list}
        required={props.required}
        aria-invalid={described.error === undefined ? undefined : "true"}
        aria-describedby={described.describedBy}
      />
      {list === undefined ? null : (
        <datalist id={list}>
          {suggestions.map(({ value, label }) => (
            <option value={value}>{label}</option>
          ))}
        </datalist>
      )}
    </Around>
  );
}

export function TextArea({ rows = 4, ...props }: FieldProps & { readonly rows?: number }): Html {
  const described = describe(props);
  return (
    <Around props={props} described={described}>
      <textarea
        id={described.id}
        name={props.name}
        rows={rows}
        required={props.required}
        aria-invalid={described.error === undefined ? undefined : "true"}
        aria-describedby={described.describedBy}
      >
        {described.value}
      </textarea>
    </Around>
  );
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

/** One of a list; the first option may be an empty one. */
export function SelectField({
  options,
  ...props
}: FieldProps & { readonly options: readonly Option[] }): Html {
  const described = describe(props);
  return (
    <Around props={props} described={described}>
      <select
        id={described.id}
        name={props.name}
        required={props.required}
        aria-invalid={described.error === undefined ? undefined : "true"}
        aria-describedby={described.describedBy}
      >
        {options.map(({ value, label }) => (
          <option value={value} selected={value === described.value}>
            {label}
          </option>
        ))}
      </select>
    </Around>
  );
}

interface ChoiceProps extends FieldProps {
  /** `radio` for one of them, `checkbox` for any. */
  readonly type: "radio" | "checkbox";
  /** `disabled`: it cannot be chosen now; the hint says why. */
  readonly options: readonly (Option & { readonly hint?: Child; readonly disabled?: boolean })[];
  /** Those that are ticked while the form was not sent. */
  readonly chosen?: readonly string[];
}

/** A group of radio buttons or check boxes of one name. */
export function ChoiceField({ type, options, chosen = [], ...props }: ChoiceProps): Html {
  const own = stateOf(props.state, props.form);
  const { id, error, describedBy } = describe(props);
  const ticked = own.refused === null ? chosen : own.values.all(props.name);
  return (
    <fieldset
      class={error === undefined ? "field choices" : "field choices bad"}
      aria-describedby={describedBy}
    >
      <legend>{props.label}</legend>
      {props.hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      {options.map((option) => (
        <div class="choice">
          <input
            type={type}
            id={`${id}-${option.value}`}
            name={props.name}
            value={option.value}
            checked={ticked.includes(option.value)}
            disabled={option.disabled}
            aria-describedby={option.hint === undefined ? undefined : `${id}-${option.value}-hint`}
          />
          <div>
            <label for={`${id}-${option.value}`}>{option.label}</label>
            {option.hint === undefined ? null : (
              <p class="hint" id={`${id}-${option.value}-hint`}>
                {option.hint}
              </p>
            )}
          </div>
        </div>
      ))}
      {error === undefined ? null : (
        <p class="error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </fieldset>
  );
}
