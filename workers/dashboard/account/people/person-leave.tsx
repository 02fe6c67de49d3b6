/** The two ways in which a person leaves, each confirmed on a page that says what goes and what stays (rules, 9.5). */

import { accountPage, type Done } from "../../define.tsx";
import { FormRefused, type FormState, type FormValues } from "../../form.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, PageHead } from "../../parts/blocks.tsx";
import { ChoiceField } from "../../parts/fields.tsx";
import { Form } from "../../parts/form.tsx";
import { personPath } from "../../parts/paths.ts";
import { type Person, readPerson, userAsked } from "./person-read.ts";

const CONFIRM = "confirm";
const SURE = "sure";

interface Leaving {
  readonly path: string;
  readonly title: (name: string) => string;
  readonly submit: string;
  readonly sure: string;
  readonly goes: readonly string[];
  readonly stays: readonly string[];
  readonly run: (page: AccountPage, user: string) => Promise<unknown>;
  readonly done: (page: AccountPage, user: string) => Done;
}

const REMOVE: Leaving = {
  path: "remove",
  title: (name) => `Remove ${name}`,
  submit: "Remove",
  sure: "Yes, remove this person",
  goes: [
    "Name, address, roles and teams leave the list.",
    "Sessions of this person end at once; limited features are closed to the id.",
  ],
  stays: [
    "What was used stays in the log and in reports, under the id.",
    "Features and budgets that name the id go on naming it.",
    "E-mails that were sent stay in the delivery log. To take name and address away from everywhere, erase instead.",
  ],
  run: ({ client, account }, user) => client.removeUser(account, user),
  done: ({ root }, user) => ({ to: `${root}/people`, said: `${user} was removed.` }),
};

const ERASE: Leaving = {
  path: "erase",
  title: (name) => `Erase ${name} for good`,
  submit: "Erase for good",
  sure: "Yes, erase name and address; this cannot be taken back",
  goes: [
    "Name and e-mail address are deleted everywhere, in the delivery log too.",
    "Notices that wait to be sent to this person are not sent.",
  ],
  stays: [
    "The id stays, with roles and teams, and with it what was used: the log and invoices must add up.",
    "The audit log stays; it never held the name or the address.",
  ],
  run: ({ client, account }, user) => client.eraseUser(account, user),
  done: ({ root }, user) => ({ to: personPath(root, user), said: "Name and address were erased." }),
};

export const personRemovalPage = leavingPage(REMOVE);
export const personErasurePage = leavingPage(ERASE);

function leavingPage(leaving: Leaving) {
  return accountPage<Person>({
    path: `/people/:user/${leaving.path}`,
    nav: "people",
    needs: "manage_users",
    title: ({ person }) => leaving.title(person.name || person.user),
    load: readPerson,
    view: (data, page, form) => <LeavingView leaving={leaving} data={data} page={page} form={form} />,
    actions: {
      [CONFIRM]: { run: (page, form) => leave(leaving, page, form) },
    },
  });
}

interface ViewProps {
  readonly leaving: Leaving;
  readonly data: Person;
  readonly page: AccountPage;
  readonly form: FormState;
}

function LeavingView({ leaving, data, page, form }: ViewProps): Html {
  const { person, isLastSuperAdmin, isCreditOwner } = data;
  const isSelf = page.viewer.kind === "user" && page.viewer.user === person.user;
  const warnings = [
    ...(isLastSuperAdmin
      ? [
          "This is the only super admin. Afterwards nobody of the account can manage people; only the operator can.",
        ]
      : []),
    ...(isCreditOwner ? ["This is the account's credit owner. Ask the operator to name another one."] : []),
    ...(isSelf ? ["This is you: it signs you out."] : []),
  ];
  return (
    <>
      <p>
        <a href={personPath(page.root, person.user)}>Back to {person.name || person.user}</a>
      </p>
      <PageHead title={leaving.title(person.name || person.user)} />
      {warnings.map((warning) => (
        <p class="form-message">{warning}</p>
      ))}
      <Card>
        <h2>What goes</h2>
        <Points points={leaving.goes} />
        <h2>What stays</h2>
        <Points points={leaving.stays} />
        {page.may("manage_users") ? (
          <Form name={CONFIRM} state={form} submit={leaving.submit} danger>
            <ChoiceField
              form={CONFIRM}
              state={form}
              type="checkbox"
              name={SURE}
              label="Are you sure?"
              options={[{ value: "yes", label: leaving.sure }]}
            />
          </Form>
        ) : null}
      </Card>
    </>
  );
}

function Points({ points }: { readonly points: readonly string[] }): Html {
  return (
    <ul>
      {points.map((point) => (
        <li>{point}</li>
      ))}
    </ul>
  );
}

async function leave(leaving: Leaving, page: AccountPage, form: FormValues): Promise<Done> {
  if (!form.checked(SURE)) throw new FormRefused({ [SURE]: "Tick this box first." });
  const user = userAsked(page);
  await leaving.run(page, user);
  return leaving.done(page, user);
}
