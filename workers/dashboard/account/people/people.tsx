/** Who works with the account: the list, adding somebody, and who alone may use which feature (rules, 9). */
import {
  type AccountFeature,
  DrawdownError,
  type User,
  type Users,
} from "../../../../shared/client/client.ts";
import { accountPage, type Done } from "../../define.tsx";
import { FormRefused, type FormState, type FormValues } from "../../form.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge, Card, Empty, PageHead, Pager, Table } from "../../parts/blocks.tsx";
import { TextField } from "../../parts/fields.tsx";
import { Form } from "../../parts/form.tsx";
import { featurePath, personPath } from "../../parts/paths.ts";
import { PERSON_FIELDS, PersonFields, personOf } from "./people-form.tsx";
import { noticesInWords, rolesInWords } from "./people-words.ts";

const ADD = "add";
const PEOPLE_PER_PAGE = 50;

interface PeopleData {
  readonly people: Users;
  readonly limited: readonly AccountFeature[];
}

export const peoplePage = accountPage<PeopleData>({
  path: "/people",
  nav: "people",
  needs: "manage_users",
  title: "People",
  load: async ({ client, account, query: { cursor } }) => {
    const [people, features] = await Promise.all([
      client.users(account, { limit: PEOPLE_PER_PAGE, ...(cursor === undefined ? {} : { cursor }) }),
      client.features(account),
    ]);
    return { people, limited: features.data.filter(({ access }) => access !== null) };
  },
  view: ({ people, limited }, page, form) => (
    <>
      <PageHead title="People" lead={<CreditOwner people={people} page={page} />}>
        {page.may("manage_users") ? (
          <a class="button" href="#form-add">
            Add a person
          </a>
        ) : null}
      </PageHead>
      <Card title="Everybody">
        {people.data.length === 0 ? (
          <Empty text="Nobody is known here yet. Add the first person below." />
        ) : (
          <PeopleTable people={people} page={page} />
        )}
        <Pager url={page.url} nextCursor={people.nextCursor} first="First page" />
      </Card>
      <Card title="Limited features">
        <LimitedFeatures features={limited} page={page} />
      </Card>
      {page.may("manage_users") ? (
        <Card title="Add a person">
          <AddForm state={form} />
        </Card>
      ) : null}
    </>
  ),
  actions: { [ADD]: { run: add, fields: PERSON_FIELDS } },
});

function CreditOwner({ people: { creditOwner, data }, page }: { people: Users; page: AccountPage }): Html {
  if (creditOwner === null) {
    return (
      <>The account has no credit owner: nobody is named who answers for usage, permissions and billing.</>
    );
  }
  const name = data.find(({ user }) => user === creditOwner)?.name || creditOwner;
  return (
    <>
      Credit owner: <a href={personPath(page.root, creditOwner)}>{name}</a>, who answers for usage,
      permissions and billing questions.
    </>
  );
}

function PeopleTable({ people, page }: { people: Users; page: AccountPage }): Html {
  return (
    <Table
      caption="People"
      columns={[
        { label: "Name" },
        { label: "Id" },
        { label: "Roles" },
        { label: "Teams" },
        { label: "Notices" },
      ]}
      rows={people.data.map((person) => [
        <PersonName person={person} creditOwner={people.creditOwner} root={page.root} />,
        <span class="actor">{person.user}</span>,
        rolesInWords(person.roles),
        <Names names={person.teams} />,
        person.email === null ? "–" : noticesInWords(person.notify),
      ])}
    />
  );
}

interface NameProps {
  readonly person: User;
  readonly creditOwner: string | null;
  readonly root: string;
}

function PersonName({ person: { user, name, email, erased }, creditOwner, root }: NameProps): Html {
  return (
    <span class="person">
      <a href={personPath(root, user)}>{name || user}</a> {erased ? <Badge>Erased</Badge> : null}
      {user === creditOwner ? <Badge tone="accent">Credit owner</Badge> : null}
      <small>{email ?? (erased ? "" : "no e-mail")}</small>
    </span>
  );
}

/** A row stays a row: the rest is on the page of the person or feature. */
const NAMES_SHOWN = 3;

function Names({ names }: { readonly names: readonly string[] }): Html {
  if (names.length === 0) return <>–</>;
  const more = names.length - NAMES_SHOWN;
  return (
    <>
      {names.slice(0, NAMES_SHOWN).map((name) => (
        <span class="line" title={name}>
          {name}
        </span>
      ))}
      {more > 0 ? <small>{`and ${more} more`}</small> : null}
    </>
  );
}

function LimitedFeatures({
  features,
  page,
}: {
  features: readonly AccountFeature[];
  page: AccountPage;
}): Html {
  if (features.length === 0) {
    return (
      <Empty text="Everybody may use every feature. A feature's page limits it to people or teams.">
        <a class="button secondary" href={`${page.root}/features`}>
          Features
        </a>
      </Empty>
    );
  }
  return (
    <Table
      caption="Features that only some may use"
      captionSeen
      columns={[{ label: "Feature" }, { label: "People" }, { label: "Teams" }]}
      rows={features.map(({ feature, name, access }) => [
        <a href={featurePath(page.root, feature)}>{name}</a>,
        <Names names={access?.users ?? []} />,
        <Names names={access?.teams ?? []} />,
      ])}
    />
  );
}

function AddForm({ state }: { state: FormState }): Html {
  return (
    <Form name={ADD} state={state} submit="Add">
      <TextField
        form={ADD}
        state={state}
        name="user"
        label="Id"
        hint="As the product names this person when it reports usage. It cannot be changed later."
        required
      />
      <PersonFields form={ADD} state={state} person={null} />
    </Form>
  );
}

/** Never takes somebody's place: the API's PUT would replace whoever has the id. */
async function add({ client, account, root }: AccountPage, form: FormValues): Promise<Done> {
  const user = form.text("user");
  if (user === "") throw new FormRefused({ user: "must not be empty" });
  const known = await findUser(() => client.user(account, user));
  if (known !== null) {
    const whose = known.erased ? "belonged to somebody who was erased" : `is ${known.name}'s`;
    throw new FormRefused({ user: `This id ${whose}; take another one.` });
  }
  const added = await client.putUser(account, user, personOf(form));
  return { to: `${root}/people`, said: `${added.name} was added.` };
}

async function findUser(read: () => Promise<User>): Promise<User | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DrawdownError && error.problem.code === "user_not_found") return null;
    throw error;
  }
}
