/** Two small forms of an account: credits as a present, and a link that signs one of its people in. */

import { DrawdownError } from "../../../shared/client/client.ts";
import type { User } from "../../../shared/client/types.ts";
import type { Done, Shown } from "../define.tsx";
import { FormRefused, type FormState, type FormValues } from "../form.ts";
import type { Html, Page } from "../page.tsx";
import { Empty } from "../parts/blocks.tsx";
import { SelectField, TextField } from "../parts/fields.tsx";
import { Form, Hidden } from "../parts/form.tsx";
import { accountPath } from "../parts/paths.ts";
import { nameWithId } from "../parts/words.ts";
import { Secret } from "./parts.tsx";

export const GRANT = "grant";
export const LINK = "link";

export function GrantForm({ form }: { readonly form: FormState }): Html {
  const shared = { form: GRANT, state: form };
  return (
    <Form name={GRANT} state={form} submit="Grant">
      <Hidden name="once" value={crypto.randomUUID()} />
      <TextField
        {...shared}
        name="credits"
        type="decimal"
        label="Credits"
        hint="Once, for the running period; they raise its limit."
        required
      />
      <TextField {...shared} name="reason" label="Reason" hint="The account's people see it." required />
    </Form>
  );
}

/** Sent twice, the form grants once. */
export async function grantCredits(
  { client, url, format }: Page,
  account: string,
  form: FormValues,
): Promise<Done> {
  const body = { credits: form.number("credits"), reason: form.text("reason") };
  const { grant } = await client.grant(account, body, form.text("once"));
  return { to: url.pathname, said: `Granted ${format.creditsExact(grant.credits)} credits.` };
}

interface LinkProps {
  readonly users: readonly User[];
  readonly form: FormState;
  readonly account: string;
}

export function LinkForm({ users, form, account }: LinkProps): Html {
  const people = users.filter(({ erased }) => !erased);
  if (people.length === 0) {
    return (
      <Empty text="Nobody of the account can sign in yet.">
        <a href={`${accountPath(account)}/people`}>Add its people</a>
      </Empty>
    );
  }
  return (
    <Form name={LINK} state={form} submit="Make a link">
      <SelectField
        form={LINK}
        state={form}
        name="user"
        label="Person"
        hint="The link opens once, within some minutes, and signs in as this person."
        options={people.map(({ user, name }) => ({
          value: user,
          label: nameWithId(name, user),
        }))}
        required
      />
    </Form>
  );
}

/** Shown in the answer only: who has the link is signed in. */
export async function mintLink({ client, format }: Page, account: string, form: FormValues): Promise<Shown> {
  const user = form.text("user");
  try {
    const { url, expiresAt } = await client.createPortalSession(account, user);
    const shown = (
      <Secret
        title="Sign-in link"
        text={`For ${user}. It opens once, until ${format.dateTime(expiresAt)}. It is shown only now.`}
        secret={url}
      />
    );
    return { shown };
  } catch (error) {
    if (!(error instanceof DrawdownError) || error.problem.code !== "user_not_found") throw error;
    throw new FormRefused({ user: "nobody of the account has this id" });
  }
}
