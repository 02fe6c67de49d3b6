/** API keys: who may call with which scopes. A key is shown once and stored nowhere. */

import { SCOPES } from "../../../shared/api-keys.ts";
import type { ApiKey, CreateApiKey } from "../../../shared/client/types.ts";
import { type Done, operatorPage, type Shown } from "../define.tsx";
import type { FormState, FormValues } from "../form.ts";
import type { Html, Page } from "../page.tsx";
import { Badge, Card, Empty, PageHead, Pager, Table } from "../parts/blocks.tsx";
import { ChoiceField, TextField } from "../parts/fields.tsx";
import { Form } from "../parts/form.tsx";
import { NONE } from "../parts/words.ts";
import { keyMayChange, RowButton, Secret } from "./parts.tsx";

const CREATE = "create";
const REVOKE = "revoke";

const SCOPE_HINTS: Readonly<Record<(typeof SCOPES)[number], string>> = {
  consume: "books usage: for your product",
  read: "reads accounts and reports",
  admin: "changes accounts, prices and keys: for your back office",
};

export const keysPage = operatorPage({
  path: "/keys",
  nav: "keys",
  title: "API keys",
  load: ({ client, query: { cursor } }) => client.apiKeys(cursor ? { cursor } : {}),
  view: ({ data, nextCursor }, page, form) => {
    const mayChange = keyMayChange(page);
    return (
      <>
        <PageHead title="API keys" lead="Keys minted on this page or over the API." />
        <Card>
          {data.length === 0 ? (
            <Empty text="No key was minted here yet; the first one came from npm run key." />
          ) : (
            <Table
              caption="API keys"
              columns={[
                { label: "Key" },
                { label: "Mode" },
                { label: "Scopes" },
                { label: "Created" },
                { label: "State" },
                ...(mayChange ? [{ label: "Revoke", unseen: true }] : []),
              ]}
              rows={data.map((key) => rowOf(key, page, mayChange))}
            />
          )}
          <Pager url={page.url} nextCursor={nextCursor} first="First page" />
        </Card>
        {mayChange ? <Create form={form} page={page} /> : null}
      </>
    );
  },
  actions: { [CREATE]: { run: create, fields: { scopes: "scopes" } }, [REVOKE]: { run: revoke } },
});

function rowOf({ id, name, mode, scopes, createdAt, revokedAt }: ApiKey, page: Page, mayChange: boolean) {
  const { format, session } = page;
  const isOwn = id === session.keyId;
  const row = [
    <>
      {name}
      <small class="break">
        {id}
        {isOwn ? " (you are signed in with it)" : null}
      </small>
    </>,
    mode,
    scopes.length === 0 ? NONE : scopes.join(", "),
    <span class="nowrap">{format.date(createdAt)}</span>,
    revokedAt === null ? (
      <Badge tone="good">Good</Badge>
    ) : (
      <>
        <Badge>Revoked</Badge>
        <small class="nowrap">{format.date(revokedAt)}</small>
      </>
    ),
  ];
  if (!mayChange) return row;
  return [
    ...row,
    revokedAt === null ? (
      <RowButton action={REVOKE} fields={{ id }} label="Revoke" about={name} danger />
    ) : null,
  ];
}

function Create({ form, page }: { readonly form: FormState; readonly page: Page }): Html {
  const shared = { form: CREATE, state: form };
  return (
    <Card title="Create a key">
      <Form name={CREATE} state={form} submit="Create">
        <TextField
          {...shared}
          name="name"
          label="Name"
          hint="What it is for, such as the product."
          required
        />
        <ChoiceField
          {...shared}
          type="checkbox"
          name="scopes"
          label="Scopes"
          options={SCOPES.map((scope) => ({ value: scope, label: scope, hint: SCOPE_HINTS[scope] }))}
        />
        {page.mode === "live" ? (
          <ChoiceField
            {...shared}
            type="radio"
            name="mode"
            label="Mode"
            chosen={["live"]}
            options={[
              { value: "live", label: "Live" },
              { value: "test", label: "Test", hint: "sees test accounts only" },
            ]}
          />
        ) : null}
      </Form>
    </Card>
  );
}

async function create({ client, mode }: Page, form: FormValues): Promise<Shown> {
  const { key, name } = await client.createApiKey({
    name: form.text("name"),
    scopes: [...form.all("scopes")] as CreateApiKey["scopes"],
    mode: form.text("mode") === "test" ? "test" : mode,
  });
  const text = `The key ${name} is created. Copy it now: it is shown only once and stored nowhere.`;
  return { shown: <Secret title="New key" text={text} secret={key} /> };
}

async function revoke({ client, url }: Page, form: FormValues): Promise<Done> {
  await client.revokeApiKey(form.text("id"));
  return { to: url.pathname, said: "The key is revoked; it is refused everywhere within a minute." };
}
