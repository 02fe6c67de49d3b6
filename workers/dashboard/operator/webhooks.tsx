/** Where notices are posted: endpoints, their secrets, and whether they answer (rules, 6.5). */
import type { WebhookEndpoint } from "../../../shared/client/types.ts";
import { type Done, operatorPage, type Shown } from "../define.tsx";
import type { FormState, FormValues } from "../form.ts";
import type { Html, Page } from "../page.tsx";
import { Badge, Card, Empty, PageHead, Pager } from "../parts/blocks.tsx";
import { TextField } from "../parts/fields.tsx";
import { Form } from "../parts/form.tsx";
import { keyMayChange, RowButton, Secret } from "./parts.tsx";

const ADD = "add";
const ROTATE = "rotate";
const DISABLE = "disable";
const ENABLE = "enable";
const PING = "ping";
const REMOVE = "remove";

export const webhooksPage = operatorPage({
  path: "/webhooks",
  nav: "webhooks",
  title: "Webhooks",
  load: ({ client, query: { cursor } }) => client.webhookEndpoints(cursor ? { cursor } : {}),
  view: ({ data, nextCursor }, page, form) => {
    const mayChange = keyMayChange(page);
    return (
      <>
        <PageHead
          title="Webhooks"
          lead={`Where the notices of all ${page.mode} accounts are posted, signed with the endpoint's secret.`}
        />
        <Card>
          {data.length === 0 ? (
            <Empty text="Notices are posted nowhere yet." />
          ) : (
            <ul class="endpoints">
              {data.map((endpoint) => (
                <Endpoint endpoint={endpoint} format={page.format} mayChange={mayChange} />
              ))}
            </ul>
          )}
          <Pager url={page.url} nextCursor={nextCursor} first="First page" />
        </Card>
        {mayChange ? <Add form={form} /> : null}
      </>
    );
  },
  actions: {
    [ADD]: { run: add },
    [ROTATE]: { run: rotate },
    [DISABLE]: { run: disable },
    [ENABLE]: { run: enable },
    [PING]: { run: ping },
    [REMOVE]: { run: remove },
  },
});

function Add({ form }: { readonly form: FormState }): Html {
  return (
    <Card title="Add an endpoint">
      <Form name={ADD} state={form} submit="Add">
        <TextField
          form={ADD}
          state={form}
          name="url"
          type="url"
          label="Address"
          hint="Begins with https://. Its secret is shown once, after adding."
          required
        />
      </Form>
    </Card>
  );
}

interface EndpointProps {
  readonly endpoint: WebhookEndpoint;
  readonly format: Page["format"];
  readonly mayChange: boolean;
}

function Endpoint({ endpoint, format, mayChange }: EndpointProps): Html {
  const { id, url, createdAt, disabledAt } = endpoint;
  const shared = { fields: { id }, about: url };
  return (
    <li>
      <h2 class="break">{url}</h2>
      <p>
        <State endpoint={endpoint} format={format} />
      </p>
      <p class="muted">
        Added {format.date(createdAt)} ·{" "}
        <a href={`/operator/deliveries?target=${encodeURIComponent(id)}`}>Its deliveries</a>
      </p>
      {mayChange ? (
        <div class="actions">
          <RowButton {...shared} action={PING} label="Ping" />
          {disabledAt === null ? (
            <RowButton {...shared} action={DISABLE} label="Disable" />
          ) : (
            <RowButton {...shared} action={ENABLE} label="Enable" />
          )}
          <RowButton {...shared} action={ROTATE} label="New secret" />
          <RowButton {...shared} action={REMOVE} label="Remove" danger />
        </div>
      ) : null}
    </li>
  );
}

interface StateProps {
  readonly endpoint: WebhookEndpoint;
  readonly format: Page["format"];
}

function State({ endpoint: { disabledAt, restsUntil, previousSecretUntil }, format }: StateProps): Html {
  const note =
    disabledAt !== null
      ? `since ${format.dateTime(disabledAt)}`
      : restsUntil !== null
        ? `no answer; tried again ${format.dateTime(restsUntil)}`
        : previousSecretUntil !== null
          ? `two secrets sign until ${format.dateTime(previousSecretUntil)}`
          : null;
  const [tone, label] =
    disabledAt !== null
      ? (["plain", "Disabled"] as const)
      : restsUntil !== null
        ? (["warning", "Rests"] as const)
        : (["good", "Enabled"] as const);
  return (
    <>
      <Badge tone={tone}>{label}</Badge>
      {note === null ? null : ` ${note}`}
    </>
  );
}

async function add({ client }: Page, form: FormValues): Promise<Shown> {
  return secretOf(await client.createWebhookEndpoint(form.text("url")), "The endpoint is added.");
}

async function rotate({ client, format }: Page, form: FormValues): Promise<Shown> {
  const endpoint = await client.rotateWebhookSecret(form.text("id"));
  const { previousSecretUntil } = endpoint;
  const until =
    previousSecretUntil === null ? "" : ` Both secrets sign until ${format.dateTime(previousSecretUntil)}.`;
  return secretOf(endpoint, `There is a new secret.${until}`);
}

function secretOf({ url, secret }: WebhookEndpoint, said: string): Shown {
  const text = `${said} Copy it now into what answers at ${url}: here it is shown only once.`;
  return { shown: <Secret title="Webhook secret" text={text} secret={secret ?? ""} /> };
}

async function disable({ client, url }: Page, form: FormValues): Promise<Done> {
  await client.disableWebhookEndpoint(form.text("id"));
  return { to: url.pathname, said: "Nothing is sent there any more." };
}

async function enable({ client, url }: Page, form: FormValues): Promise<Done> {
  await client.enableWebhookEndpoint(form.text("id"));
  return { to: url.pathname, said: "Notices go there again." };
}

async function remove({ client, url }: Page, form: FormValues): Promise<Done> {
  await client.removeWebhookEndpoint(form.text("id"));
  return { to: url.pathname, said: "The endpoint is removed." };
}

async function ping({ client, format }: Page, form: FormValues): Promise<Shown> {
  const { status, lastError, updatedAt } = await client.pingWebhookEndpoint(form.text("id"));
  const isTaken = status === "delivered";
  const shown = (
    <Card title="Test ping">
      <p role="status">
        <Badge tone={isTaken ? "good" : "critical"}>{isTaken ? "Taken" : "Not taken"}</Badge>{" "}
        {lastError ?? "The endpoint answered as it should."}
      </p>
      <p class="muted">{format.dateTime(updatedAt)}</p>
    </Card>
  );
  return { shown };
}
