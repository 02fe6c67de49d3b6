/** A day and time as forms send it. */
import { FormRefused, type FormValues } from "../form.ts";

/** Browsers send a local time without a zone; pages of the operator are in UTC. */
export function instantOf(form: FormValues, field: string): string {
  const text = form.text(field);
  const [, minute] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d(\.\d+)?)?$/.exec(text) ?? [];
  if (minute === undefined) throw new FormRefused({ [field]: "a day and time such as 2026-11-21T10:00" });
  return `${text.length === minute.length ? `${text}:00` : text}Z`;
}
