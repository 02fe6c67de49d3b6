/** The fields of a person, in the form that adds one and in the form that changes one. */
import { OPT_IN_NOTICES } from "../../../../shared/api/accounts.ts";
import type { PutUser, User } from "../../../../shared/client/types.ts";
import { ROLES } from "../../../../shared/credits/permissions.ts";
import type { FormState, FormValues } from "../../form.ts";
import type { Html } from "../../page.tsx";
import { ChoiceField, TextArea, TextField } from "../../parts/fields.tsx";
import { NOTICE_WORDS, ROLE_WORDS } from "./people-words.ts";

/** The form's fields by those of the API, where they differ. */
export const PERSON_FIELDS: Readonly<Record<string, string>> = {
  user: "user",
  roles: "roles",
  teams: "teams",
  notify: "optIn",
};

const NO_EMAIL = "none";

interface FieldsProps {
  readonly form: string;
  readonly state: FormState;
  /** null: a new one. */
  readonly person: User | null;
}

export function PersonFields({ form, state, person }: FieldsProps): Html {
  const shared = { form, state };
  return (
    <>
      <TextField {...shared} name="name" label="Name" value={person?.name} required />
      <TextField
        {...shared}
        name="email"
        type="email"
        label="E-mail"
        hint="Where notices go. Without an address there are none."
        value={person?.email ?? ""}
      />
      <ChoiceField
        {...shared}
        type="checkbox"
        name="roles"
        label="Roles"
        options={ROLES.map((role) => ({ value: role, ...ROLE_WORDS[role] }))}
        chosen={person?.roles ?? ["member"]}
      />
      <TextArea
        {...shared}
        name="teams"
        label="Teams"
        rows={2}
        hint="With commas between them. A team is there as soon as somebody is in it."
        value={person?.teams.join(", ")}
      />
      <ChoiceField
        {...shared}
        type="checkbox"
        name="optIn"
        label="Extra e-mails"
        hint="Besides the standard notices, to admins, billing contacts, the credit owner and feature owners."
        options={OPT_IN_NOTICES.map((notice) => ({ value: notice, ...NOTICE_WORDS[notice] }))}
        chosen={person?.notify.optIn ?? []}
      />
      <ChoiceField
        {...shared}
        type="checkbox"
        name="email_off"
        label="No e-mail"
        options={[{ value: NO_EMAIL, label: "Send this person no notices at all" }]}
        chosen={person?.notify.email === false ? [NO_EMAIL] : []}
      />
    </>
  );
}

/** What the form asks for, as the API takes it; what it cannot be, the API says. */
export function personOf(form: FormValues): PutUser {
  const known = <Name extends string>(names: readonly Name[], field: string) =>
    names.filter((name) => form.all(field).includes(name));
  return {
    name: form.text("name"),
    email: form.optional("email") ?? null,
    roles: known(ROLES, "roles"),
    teams: [...form.names("teams")],
    notify: { optIn: known(OPT_IN_NOTICES, "optIn"), email: !form.checked("email_off") },
  };
}
