/** What a form sent, and what a form that was refused shows again: its values, and a message beside each bad field. */
import type { HonoRequest } from "hono";
import { HTTPException } from "hono/http-exception";
import type { DrawdownError } from "../../shared/client/client.ts";

/** Name of the field that says which form of a page was sent. */
export const FORM_FIELD = "_form";

/** Digits as people group them: "6 500", "6'500". */
export function withoutGrouping(text: string): string {
  return text.replaceAll(/[\s_']/g, "");
}

/** The number that a text says; the text itself where it says none. */
export function numberOf(text: string): number {
  const digits = withoutGrouping(text);
  return (/^-?\d+(\.\d+)?$/.test(digits) ? Number(digits) : text) as number;
}

/** The fields of a form as they were sent. An unchecked box and an empty text are not there. */
export class FormValues {
  readonly #data: URLSearchParams;

  constructor(data: URLSearchParams) {
    this.#data = data;
  }

  /** "" where it is empty. */
  text(name: string): string {
    return this.#data.get(name)?.trim() ?? "";
  }

  /** undefined where it is empty. */
  optional(name: string): string | undefined {
    return this.text(name) || undefined;
  }

  /**
   * A number as the API takes it. What is no number goes on as the text that it is, so that the API says what it
   * wants; typed as a number, because only the API decides.
   */
  number(name: string): number {
    return numberOf(this.text(name));
  }

  /** undefined where it is empty. */
  optionalNumber(name: string): number | undefined {
    return this.text(name) === "" ? undefined : this.number(name);
  }

  /** Every value of a name, such as those of check boxes. */
  all(name: string): readonly string[] {
    return this.#data.getAll(name).filter((value) => value !== "");
  }

  /** Names that somebody wrote into one field, with commas or on lines of their own. */
  names(name: string): readonly string[] {
    const named = this.text(name)
      .split(/[,\n]/)
      .map((part) => part.trim());
    return [...new Set(named.filter((part) => part !== ""))];
  }

  checked(name: string): boolean {
    return this.#data.has(name);
  }

  /** As the form shows them again. */
  get shown(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#data);
  }
}

/** What a page's form sent; anything else that is posted is none of a form's. */
export async function readForm(request: HonoRequest): Promise<FormValues> {
  const [type] = (request.header("content-type") ?? "").split(";");
  if (type?.trim().toLowerCase() !== "application/x-www-form-urlencoded") throw new HTTPException(415);
  return new FormValues(new URLSearchParams(await request.text()));
}

/** How a page's forms stand: untouched, or one of them refused. */
export interface FormState {
  /** Which form was refused, or keeps its values; null: none. */
  readonly refused: string | null;
  readonly values: FormValues;
  /** By name of the form's field. */
  readonly errors: Readonly<Record<string, string>>;
  /** What no single field caused. */
  readonly message: string | null;
}

export const UNTOUCHED: FormState = {
  refused: null,
  values: new FormValues(new URLSearchParams()),
  errors: {},
  message: null,
};

/** How one form of a page stands: what was refused in another one is none of its business. */
export function stateOf(state: FormState, form: string): FormState {
  return state.refused === form ? state : UNTOUCHED;
}

/** A form's own refusal, before the API is asked: by field, what is wrong. */
export class FormRefused extends Error {
  readonly errors: Readonly<Record<string, string>>;

  constructor(errors: Readonly<Record<string, string>>) {
    super(Object.values(errors).join("; "));
    this.errors = errors;
  }
}

/**
 * How the form stands after a refusal. `fields` names the form's field for a field of the API where they differ, such
 * as { "overageSetting": "setting" }; a list's name stands for its items too. What the form has no field for is said above it.
 */
export function refusedForm(
  form: string,
  values: FormValues,
  error: DrawdownError | FormRefused,
  fields: Readonly<Record<string, string>> = {},
): FormState {
  if (error instanceof FormRefused) {
    return { refused: form, values, errors: error.errors, message: null };
  }
  const { detail, errors: bad = [] } = error.problem;
  const fieldOf = (path: string) => fields[path] ?? fields[path.split(".")[0] ?? path] ?? path;
  const errors = Object.fromEntries(bad.map(({ path, message }) => [fieldOf(path), message]));
  // A box that nobody ticked was not sent: then the message stands in both places.
  const unseen = bad.filter(({ path }) => !Object.hasOwn(values.shown, fieldOf(path)));
  const message = unseen.map((error) => `${error.path}: ${error.message}`).join("; ");
  return { refused: form, values, errors, message: bad.length === 0 ? detail : message || null };
}
