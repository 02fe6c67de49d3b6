/** Suspending, resuming and closing an account (rules, 2.6). */
import type { Account } from "../../../shared/client/types.ts";
import type { Done } from "../define.tsx";
import { FormRefused, type FormState, type FormValues } from "../form.ts";
import type { Html, Page } from "../page.tsx";
import { TextField } from "../parts/fields.tsx";
import { Form } from "../parts/form.tsx";

export const SUSPEND = "suspend";
export const RESUME = "resume";
export const CLOSE = "close";

interface StatusProps {
  readonly account: Account;
  readonly form: FormState;
}

export function StatusForms({ account, form }: StatusProps): Html {
  return (
    <div class="grid">
      {account.status === "suspended" ? (
        <div>
          <h3>Resume</h3>
          <p>The account is suspended: all its use is denied.</p>
          <Form name={RESUME} state={form} submit="Resume the account" />
        </div>
      ) : (
        <div>
          <h3>Suspend</h3>
          <p>All use is denied until it is resumed. Its pages stay, and periods still end.</p>
          <Form name={SUSPEND} state={form} submit="Suspend the account" danger>
            <TextField
              form={SUSPEND}
              state={form}
              name="reason"
              label="Reason"
              hint="The account's people see it."
              required
            />
          </Form>
        </div>
      )}
      <div>
        <h3>Close</h3>
        <p>
          For good: the period ends now, and the last invoice is made. Nothing changes any more after that.
        </p>
        <details open={form.refused === CLOSE}>
          <summary>Close the account</summary>
          <Form name={CLOSE} state={form} submit="Close the account for good" danger>
            <TextField form={CLOSE} state={form} name="reason" label="Reason" required />
            <TextField
              form={CLOSE}
              state={form}
              name="confirm"
              label="Id of the account"
              hint={
                <>
                  Write <code>{account.account}</code> to confirm.
                </>
              }
              required
            />
          </Form>
        </details>
      </div>
    </div>
  );
}

export async function suspend({ client, url }: Page, account: string, form: FormValues): Promise<Done> {
  await client.suspendAccount(account, form.text("reason"));
  return { to: url.pathname, said: "The account is suspended." };
}

export async function resume({ client, url }: Page, account: string): Promise<Done> {
  await client.resumeAccount(account);
  return { to: url.pathname, said: "The account is open again." };
}

export async function close({ client, url }: Page, account: string, form: FormValues): Promise<Done> {
  if (form.text("confirm") !== account) throw new FormRefused({ confirm: `must be ${account}` });
  await client.closeAccount(account, form.text("reason"));
  return { to: url.pathname, said: "The account is closed." };
}
