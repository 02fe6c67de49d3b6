/** What was sent to whom, what failed, and sending it again (rules, 6.5). */

import { DELIVERY_CHANNELS, DELIVERY_STATUSES } from "../../../shared/api/deliveries.ts";
import type { DeliveriesQuery, LoggedDelivery } from "../../../shared/client/types.ts";
import { type Done, operatorPage } from "../define.tsx";
import type { FormValues } from "../form.ts";
import type { Format } from "../format.ts";
import type { Html, Page } from "../page.tsx";
import { Badge, Card, Empty, Filters, PageHead, Pager, Table, type Tone } from "../parts/blocks.tsx";
import { SelectField, TextField } from "../parts/fields.tsx";
import { accountPath } from "../parts/paths.ts";
import { NONE, wordsOf } from "../parts/words.ts";
import { askedOf, FILTER, filterState, keyMayChange, RowButton } from "./parts.tsx";

const RESEND = "resend";
const RESEND_FAILED = "resend-failed";
const FIELDS = ["status", "channel", "account", "target"] as const;

const TONES: Readonly<Record<LoggedDelivery["status"], Tone>> = {
  pending: "accent",
  delivered: "good",
  failed: "critical",
};

export const deliveriesPage = operatorPage({
  path: "/deliveries",
  nav: "deliveries",
  title: "Deliveries",
  load: (page) => page.client.deliveries(askedOf(page, [...FIELDS, "cursor"]) as DeliveriesQuery),
  view: ({ data, nextCursor }, page) => {
    const mayChange = keyMayChange(page);
    const isFiltered = FIELDS.some((name) => page.query[name]);
    return (
      <>
        <PageHead title="Deliveries" lead="Every notice by e-mail and webhook, newest first." />
        <DeliveryFilters page={page} />
        <Card>
          {data.length === 0 ? (
            <Empty text={isFiltered ? "No delivery is like that." : "Nothing has been sent yet."} />
          ) : (
            <Table
              caption="Deliveries"
              columns={[
                { label: "Notice" },
                { label: "Account" },
                { label: "To" },
                { label: "Status" },
                { label: "Attempts", number: true },
                { label: "Created" },
                ...(mayChange ? [{ label: "Resend", unseen: true }] : []),
              ]}
              rows={data.map((delivery) => rowOf(delivery, page, mayChange))}
            />
          )}
          <Pager url={page.url} nextCursor={nextCursor} />
        </Card>
        {mayChange && page.query.status === "failed" && data.length > 0 ? (
          <Card title="All of these">
            <p>Sends again what failed and matches the filter, the oldest first, some hundred at a time.</p>
            <RowButton
              action={RESEND_FAILED}
              fields={askedOf(page, ["channel", "account", "target"])}
              label="Resend all that failed"
              about="those of the filter"
            />
          </Card>
        ) : null}
      </>
    );
  },
  actions: { [RESEND]: { run: resend }, [RESEND_FAILED]: { run: resendFailed } },
});

function DeliveryFilters({ page }: { readonly page: Page }): Html {
  const shared = { form: FILTER, state: filterState(page) };
  const anyOf = (values: readonly string[]) => [
    { value: "", label: "Any" },
    ...values.map((value) => ({ value, label: wordsOf(value) })),
  ];
  return (
    <Filters>
      <SelectField {...shared} name="status" label="Status" options={anyOf(DELIVERY_STATUSES)} />
      <SelectField {...shared} name="channel" label="Channel" options={anyOf(DELIVERY_CHANNELS)} />
      <TextField {...shared} name="account" label="Account" />
      <TextField {...shared} name="target" label="User or endpoint" />
    </Filters>
  );
}

function rowOf(delivery: LoggedDelivery, { format }: Page, mayChange: boolean) {
  const { id, kind, account, channel, target, status, attempts, createdAt } = delivery;
  const row = [
    <Log delivery={delivery} format={format} />,
    account === null ? NONE : <a href={`${accountPath(account)}/notifications`}>{account}</a>,
    <>
      {wordsOf(channel)}
      <small class="break">{target}</small>
    </>,
    <Badge tone={TONES[status]}>{wordsOf(status)}</Badge>,
    format.count(attempts),
    <span class="nowrap">{format.dateTime(createdAt)}</span>,
  ];
  if (!mayChange) return row;
  const about = `${wordsOf(kind)} to ${target}`;
  return [...row, <RowButton action={RESEND} fields={{ id }} label="Resend" about={about} />];
}

function Log({ delivery, format }: { readonly delivery: LoggedDelivery; readonly format: Format }): Html {
  const { kind, log, lastError, nextAttemptAt } = delivery;
  return (
    <>
      {kind === "ping" ? "Test ping" : wordsOf(kind)}
      {lastError === null ? null : <small class="break">{lastError}</small>}
      {log.length < 2 && nextAttemptAt === null ? null : (
        <details>
          <summary>Attempts</summary>
          <ul class="plain">
            {log.map(({ at, error }) => (
              <li>
                {format.dateTime(at)}: {error ?? "taken"}
              </li>
            ))}
            {nextAttemptAt === null ? null : <li>next {format.dateTime(nextAttemptAt)}</li>}
          </ul>
        </details>
      )}
    </>
  );
}

/** Back to the list as it was filtered. */
function here({ url }: Page): string {
  return url.pathname + url.search;
}

async function resend(page: Page, form: FormValues): Promise<Done> {
  const { kind, target } = await page.client.resendDelivery(form.text("id"));
  return { to: here(page), said: `${wordsOf(kind)} is on its way to ${target} again.` };
}

async function resendFailed(page: Page, form: FormValues): Promise<Done> {
  const account = form.optional("account");
  const target = form.optional("target");
  const channel = DELIVERY_CHANNELS.find((one) => one === form.text("channel"));
  const { resent, more } = await page.client.resendDeliveries({
    ...(account === undefined ? {} : { account }),
    ...(target === undefined ? {} : { target }),
    ...(channel === undefined ? {} : { channel }),
  });
  const sent = `${page.format.plural(resent, "delivery", "deliveries")} on the way again.`;
  return { to: here(page), said: more ? `${sent} There are more: send the form again.` : sent };
}
