/** Who answers for a feature and who may use it; a super admin changes both (rules, 9.1 and 9.2). */
import { DrawdownError } from "../../../../shared/client/client.ts";
import type { AccountFeature, User } from "../../../../shared/client/types.ts";
import type { Done } from "../../define.tsx";
import { FormRefused, type FormState, type FormValues } from "../../form.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Facts } from "../../parts/blocks.tsx";
import { ChoiceField, SelectField, TextArea, TextField } from "../../parts/fields.tsx";
import { Form } from "../../parts/form.tsx";
import { nameWithId } from "../../parts/words.ts";

export async function changeOwner(page: AccountPage, feature: string, form: FormValues): Promise<Done> {
  const owner = form.optional("owner") ?? null;
  const { name, ownerName } = await page.client
    .putFeature(page.account, feature, { owner })
    .catch((error) => refuseUnknown(error, "owner", owner === null ? [] : [owner]));
  const said = owner === null ? `Nobody owns ${name} now.` : `${ownerName ?? owner} owns ${name} now.`;
  return { to: page.url.pathname, said };
}

export async function changeAccess(page: AccountPage, feature: string, form: FormValues): Promise<Done> {
  const everybody = form.text("who") !== "some";
  const access = { users: namesIn(form, "users"), teams: namesIn(form, "teams") };
  if (!everybody && access.users.length + access.teams.length === 0) {
    throw new FormRefused({
      who: "Name a user or a team, or choose everybody. To stop all use, pause the feature.",
    });
  }
  const { name } = await page.client
    .putFeature(page.account, feature, { access: everybody ? null : access })
    .catch((error) => refuseUnknown(error, "users", access.users));
  const said = everybody ? `Everybody may use ${name} now.` : `Only those named may use ${name} now.`;
  return { to: page.url.pathname, said };
}

/** Says who of those named is no user, beside the field that named them. */
function refuseUnknown(error: unknown, field: string, named: readonly string[]): never {
  if (!(error instanceof DrawdownError) || error.problem.code !== "user_not_found") throw error;
  const place = Number(error.problem.errors?.[0]?.path.split(".").at(-1));
  const unknown = named[Number.isNaN(place) ? 0 : place] ?? "";
  throw new FormRefused({ [field]: `There is no user “${unknown}”.` });
}

/** From check boxes, or from a text with commas or lines. */
function namesIn(form: FormValues, field: string): string[] {
  const names = form.all(field).flatMap((value) => value.split(/[,\n]/));
  return [...new Set(names.map((name) => name.trim()).filter((name) => name !== ""))];
}

interface PeopleProps {
  readonly feature: AccountFeature;
  readonly users: readonly User[] | null;
  readonly page: AccountPage;
  readonly form: FormState;
}

export function OwnerCard({ feature, users, page, form }: PeopleProps): Html {
  const { owner, ownerName } = feature;
  return (
    <Card title="Owner">
      <p>
        {owner === null ? "Nobody answers for its use yet." : `${ownerName ?? owner} answers for its use.`}
      </p>
      {page.may("manage_users") ? (
        <Form name="owner" state={form} submit="Change the owner">
          {users === null ? (
            <TextField
              form="owner"
              state={form}
              name="owner"
              label="Owner"
              hint="The id of a user; empty for nobody."
              value={owner ?? ""}
            />
          ) : (
            <SelectField
              form="owner"
              state={form}
              name="owner"
              label="Owner"
              value={owner ?? ""}
              options={[{ value: "", label: "Nobody" }, ...ownerOptions(users, owner)]}
            />
          )}
        </Form>
      ) : null}
    </Card>
  );
}

/** The present owner stands there also where they are no user any more. */
function ownerOptions(users: readonly User[], owner: string | null) {
  const known = users.map(({ user, name }) => ({ value: user, label: nameWithId(name, user) }));
  const isKnown = owner === null || users.some(({ user }) => user === owner);
  return isKnown ? known : [...known, { value: owner, label: owner }];
}

export function AccessCard({
  feature,
  users,
  page,
  form,
  mayUse,
}: PeopleProps & { readonly mayUse: string }): Html {
  const { access } = feature;
  const isUser = page.viewer.kind === "user";
  const seesWho = page.may("manage_users") || page.may("see_money");
  return (
    <Card title="Access">
      {access === null ? <p>Everybody in the account may use it.</p> : <p>Only some may use it.</p>}
      <Facts
        facts={[
          isUser ? ["May you use it?", mayUse] : null,
          access !== null && seesWho ? ["Users", namesText(access.users, users, page)] : null,
          access !== null && seesWho
            ? ["Teams", access.teams.length === 0 ? "none" : page.format.list(access.teams)]
            : null,
        ]}
      />
      {page.may("manage_users") ? <AccessForm access={access} users={users} form={form} /> : null}
    </Card>
  );
}

function namesText(ids: readonly string[], users: readonly User[] | null, { format }: AccountPage): string {
  if (ids.length === 0) return "none";
  const names = new Map(users?.map(({ user, name }) => [user, name]));
  return format.list(ids.map((id) => names.get(id) || id));
}

interface AccessFormProps {
  readonly access: AccountFeature["access"];
  readonly users: readonly User[] | null;
  readonly form: FormState;
}

function AccessForm({ access, users, form }: AccessFormProps): Html {
  const field = { form: "access", state: form };
  const chosen = access?.users ?? [];
  const teams = [...new Set(users?.flatMap((user) => user.teams))].toSorted();
  return (
    <Form name="access" state={form} submit="Change who may use it">
      <ChoiceField
        {...field}
        type="radio"
        name="who"
        label="Who may use it"
        required
        options={[
          { value: "everybody", label: "Everybody" },
          { value: "some", label: "Only these users and teams" },
        ]}
        chosen={[access === null ? "everybody" : "some"]}
      />
      {users === null ? (
        <TextArea
          {...field}
          name="users"
          label="Users"
          hint="Their ids, with commas or on lines of their own."
          value={chosen.join("\n")}
        />
      ) : (
        <ChoiceField
          {...field}
          type="checkbox"
          name="users"
          label="Users"
          options={userOptions(users, chosen)}
          chosen={chosen}
        />
      )}
      <TextField
        {...field}
        name="teams"
        label="Teams"
        hint={
          teams.length === 0 ? "Their names, with commas." : `With commas. There are: ${teams.join(", ")}.`
        }
        value={access?.teams.join(", ") ?? ""}
      />
    </Form>
  );
}

/** Those with access stand there also where they are no users any more. */
function userOptions(users: readonly User[], chosen: readonly string[]) {
  const known = users.map(({ user, name }) => ({ value: user, label: nameWithId(name, user) }));
  const gone = chosen.filter((id) => !users.some(({ user }) => user === id));
  return [...known, ...gone.map((id) => ({ value: id, label: id }))];
}
