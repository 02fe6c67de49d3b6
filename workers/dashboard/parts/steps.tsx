/** Forms in steps: each step is a page of its own with the choices so far in its address, the last one posts. */
import type { Child } from "hono/jsx";
import type { FormState } from "../form.ts";
import type { Html } from "../page.tsx";
import { FormMessage, Hidden } from "./form.tsx";

/** Where the viewer is; `current` counts from 0. */
export function Steps({
  names,
  current,
}: {
  readonly names: readonly string[];
  readonly current: number;
}): Html {
  return (
    <ol class="steps" aria-label="Steps">
      {names.map((name, index) => (
        <li aria-current={index === current ? "step" : undefined}>{name}</li>
      ))}
    </ol>
  );
}

interface StepProps {
  /** Name of the whole form: its fields have it at every step. */
  readonly name: string;
  readonly state: FormState;
  readonly submit: string;
  /** Path of the page that shows the next step. */
  readonly to: string;
  /** What was chosen so far. */
  readonly carried?: Readonly<Record<string, string>>;
  readonly back?: string;
  readonly children?: Child;
}

/** One step: sent with GET, so that nothing is changed and the way back works. */
export function StepForm({ name, state, submit, to, carried = {}, back, children }: StepProps): Html {
  return (
    <form method="get" action={to} class="form" id={`form-${name}`}>
      <FormMessage name={name} state={state} />
      {Object.entries(carried).map(([field, value]) => (
        <Hidden name={field} value={value} />
      ))}
      {children}
      <div class="actions">
        <button type="submit" class="button">
          {submit}
        </button>
        <BackLink to={back} />
      </div>
    </form>
  );
}

export function BackLink({
  to,
  label = "Back",
}: {
  readonly to: string | undefined;
  readonly label?: string;
}): Html {
  if (to === undefined) return <></>;
  return (
    <a class="button secondary" href={to}>
      {label}
    </a>
  );
}
