/** The fields by which log and history are narrowed, and what becomes of a filter that the API refuses. */
import { DrawdownError } from "../../../../shared/client/client.ts";
import { FormRefused, type FormState, FormValues, refusedForm, UNTOUCHED } from "../../form.ts";
import type { Html } from "../../page.tsx";
import { SelectField, TextField } from "../../parts/fields.tsx";
import type { Names } from "./log-names.ts";
import type { UsageOf, UsageScope } from "./log-scope.ts";

export const FILTER_FORM = "filter";

/** What was found, or how the filter's form says why nothing was looked for. */
export type Filtered<Found> =
  | { readonly kind: "found"; readonly found: Found }
  | { readonly kind: "refused"; readonly state: FormState };

/** Reads with a filter that somebody may have typed: what it is refused for is said beside its fields. */
export async function filtered<Found>(url: URL, read: () => Promise<Found>): Promise<Filtered<Found>> {
  try {
    return { kind: "found", found: await read() };
  } catch (error) {
    if (error instanceof FormRefused) return { kind: "refused", state: stateAfter(url, error) };
    if (!(error instanceof DrawdownError) || ![400, 422].includes(error.problem.status)) throw error;
    return { kind: "refused", state: stateAfter(url, error) };
  }
}

export function filterState<Found>(filter: Filtered<Found>): FormState {
  return filter.kind === "refused" ? filter.state : UNTOUCHED;
}

const FIELDS: readonly string[] = ["from", "to", "feature", "user"];

/** What the form has no field for, such as a cursor, is said above it. */
function stateAfter(url: URL, error: DrawdownError | FormRefused): FormState {
  const state = refusedForm(FILTER_FORM, new FormValues(url.searchParams), error);
  const unseen = Object.entries(state.errors).find(([field]) => !FIELDS.includes(field));
  return unseen === undefined ? state : { ...state, message: `${unseen[0]}: ${unseen[1]}` };
}

interface FieldsProps {
  readonly scope: UsageScope;
  readonly names: Names;
  readonly of: UsageOf;
  readonly state: FormState;
  /** Local days, "" where the address names none. */
  readonly from: string;
  readonly to: string;
  /** Whether one's own usage can be narrowed to a feature. */
  readonly ownByFeature: boolean;
}

/** Days, and whose usage: each viewer is offered what is theirs to see. */
export function UsageFields({ scope, names, of, state, from, to, ownByFeature }: FieldsProps): Html {
  const common = { form: FILTER_FORM, state };
  const features = featureOptions(scope, names, ownByFeature);
  return (
    <>
      <TextField {...common} name="from" label="From" type="date" value={from} />
      <TextField {...common} name="to" label="To" type="date" value={to} />
      {features.length < 2 ? null : (
        <SelectField {...common} name="feature" label="Feature" value={of.feature} options={features} />
      )}
      {scope.kind === "all" ? (
        <TextField
          {...common}
          name="user"
          label="User"
          value={of.user}
          suggestions={names.users.map(({ user, name }) => ({ value: user, label: name }))}
        />
      ) : null}
    </>
  );
}

function featureOptions(scope: UsageScope, { features, featureName }: Names, ownByFeature: boolean) {
  const all = features.map(({ feature, name }) => ({ value: feature, label: name }));
  if (scope.kind === "all") return [{ value: "", label: "All features" }, ...all];
  const { own, features: owned } = scope;
  const mine = owned.map((feature) => ({ value: feature, label: `${featureName(feature)}, everybody` }));
  if (own === null) return mine;
  const others = ownByFeature ? all.filter(({ value }) => !owned.includes(value)) : [];
  const mineOnly = others.map(({ value, label }) => ({ value, label: `${label}, my own` }));
  return [{ value: "", label: "All that I used" }, ...mine, ...mineOnly];
}
