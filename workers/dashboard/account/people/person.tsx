/** One person: what they are and may do, what they used, what they answer for (rules, 9). */

import type { AccountFeature, UsageReport, User } from "../../../../shared/client/client.ts";
import { isPermitted } from "../../../../shared/credits/directory.ts";
import { accountPage, type Done } from "../../define.tsx";
import { FormRefused, type FormState, type FormValues } from "../../form.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge, Card, Facts, PageHead } from "../../parts/blocks.tsx";
import { ChoiceField } from "../../parts/fields.tsx";
import { Form } from "../../parts/form.tsx";
import { featurePath, personPath } from "../../parts/paths.ts";
import { PERSON_FIELDS, PersonFields, personOf } from "./people-form.tsx";
import { noticesInWords, rolesInWords } from "./people-words.ts";
import { type Person, readPerson, userAsked } from "./person-read.ts";
import { PersonUsage } from "./person-usage.tsx";

const CHANGE = "change";
const LAST = "last_admin";

interface PersonData extends Person {
  readonly features: readonly AccountFeature[];
  readonly usage: UsageReport;
}

export const personPage = accountPage<PersonData>({
  path: "/people/:user",
  nav: "people",
  needs: "manage_users",
  title: ({ person }) => person.name || person.user,
  load: async (page) => {
    const { client, account } = page;
    const user = userAsked(page);
    const [person, features, usage] = await Promise.all([
      readPerson(page),
      client.features(account),
      client.usage(account, { user, groupBy: "day" }),
    ]);
    return { ...person, features: features.data, usage };
  },
  view: (data, page, form) => {
    const { person, isCreditOwner } = data;
    return (
      <>
        <p>
          <a href={`${page.root}/people`}>All people</a>
        </p>
        <PageHead
          title={person.name || person.user}
          lead={
            <>
              {person.erased ? <Badge>Erased</Badge> : rolesInWords(person.roles)}{" "}
              {isCreditOwner ? <Badge tone="accent">Credit owner</Badge> : null}
            </>
          }
        />
        <Card title="Usage this period">
          <PersonUsage usage={data.usage} page={page} person={person} />
        </Card>
        <div class="grid">
          <Card title="About">
            <About person={person} />
          </Card>
          <Card title="Features">
            <Features person={person} features={data.features} page={page} />
          </Card>
        </div>
        {page.may("manage_users") ? <Changes data={data} page={page} form={form} /> : null}
      </>
    );
  },
  actions: { [CHANGE]: { run: change, fields: PERSON_FIELDS } },
});

function About({ person }: { readonly person: User }): Html {
  return (
    <Facts
      facts={[
        ["Id", <code>{person.user}</code>],
        ["E-mail", person.email ?? (person.erased ? "erased" : "none")],
        ["Roles", rolesInWords(person.roles)],
        ["Teams", person.teams.length === 0 ? "none" : person.teams.join(", ")],
        ["Notices", person.email === null ? "none: no address" : noticesInWords(person.notify)],
      ]}
    />
  );
}

interface FeaturesProps {
  readonly person: User;
  readonly features: readonly AccountFeature[];
  readonly page: AccountPage;
}

function Features({ person, features, page: { root, view } }: FeaturesProps): Html {
  const owned = features.filter(({ owner }) => owner === person.user);
  const limited = features.filter(({ access }) => access !== null);
  const mayUse = limited.filter(({ feature }) => isPermitted(view.directory, { feature, user: person.user }));
  const mayNotUse = limited.filter((feature) => !mayUse.includes(feature));
  const links = (some: readonly AccountFeature[]) =>
    some.map(({ feature, name }, index) => (
      <>
        {index === 0 ? null : ", "}
        <a href={featurePath(root, feature)}>{name}</a>
      </>
    ));
  return (
    <Facts
      facts={[
        ["Owns", owned.length === 0 ? "none" : links(owned)],
        mayUse.length === 0 ? null : ["Limited, may use", links(mayUse)],
        mayNotUse.length === 0 ? null : ["May not use", links(mayNotUse)],
        ["All others", "open to everybody"],
      ]}
    />
  );
}

interface ChangesProps {
  readonly data: PersonData;
  readonly page: AccountPage;
  readonly form: FormState;
}

function Changes({ data: { person, isLastSuperAdmin }, page, form }: ChangesProps): Html {
  const path = personPath(page.root, person.user);
  return (
    <>
      {person.erased ? null : (
        <Card title="Change">
          <Form name={CHANGE} state={form} submit="Save">
            <PersonFields form={CHANGE} state={form} person={person} />
            {isLastSuperAdmin ? (
              <ChoiceField
                form={CHANGE}
                state={form}
                type="checkbox"
                name={LAST}
                label="The only super admin"
                hint="Without one, nobody of the account can manage people; only the operator can."
                options={[{ value: "yes", label: "I know: the account may be without a super admin" }]}
              />
            ) : null}
          </Form>
        </Card>
      )}
      <Card title="Leave">
        <p>
          Removing takes the person off the list and out of limited features; usage stays in the log under the
          id.
          {person.erased ? "" : " Erasing takes name and address away everywhere, for good."}
        </p>
        <div class="actions">
          <a class="button danger" href={`${path}/remove`}>
            Remove…
          </a>
          {person.erased ? null : (
            <a class="button danger" href={`${path}/erase`}>
              Erase for good…
            </a>
          )}
        </div>
      </Card>
    </>
  );
}

async function change(page: AccountPage, form: FormValues): Promise<Done> {
  const { client, account, root } = page;
  const { person, isLastSuperAdmin } = await readPerson(page);
  if (person.erased) throw new FormRefused({ name: "This person was erased; add them under another id." });
  const wanted = personOf(form);
  if (isLastSuperAdmin && !wanted.roles.includes("super_admin") && !form.checked(LAST)) {
    throw new FormRefused({
      roles: "This is the only super admin. Name another one first, or tick the last box of this form.",
    });
  }
  const { name } = await client.putUser(account, person.user, wanted);
  return { to: personPath(root, person.user), said: `${name} was changed.` };
}
