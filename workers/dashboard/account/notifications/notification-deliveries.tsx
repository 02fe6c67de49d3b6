/** What became of a notification: to whom it went, when, and what went wrong (rules, 6.5). */

import type { Delivery } from "../../../../shared/api/deliveries.ts";
import type { Notification } from "../../../../shared/client/client.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge, Table } from "../../parts/blocks.tsx";
import { personPath } from "../../parts/paths.ts";
import type { People } from "../people/people-names.ts";
import { deliveriesInWords, STATUS_WORDS } from "./notification-words.ts";

/** So long it may take until a notification is handed to its receivers. */
const HANDING_OUT_MS = 60_000;

interface DeliveriesProps {
  readonly notice: Notification;
  readonly people: People;
  readonly page: AccountPage;
}

export function Deliveries({ notice: { at, title, deliveries }, people, page }: DeliveriesProps): Html {
  const { format, view } = page;
  if (deliveries.length === 0) {
    const isNew = view.nowMs - Date.parse(at) < HANDING_OUT_MS;
    return (
      <p class="muted">
        {isNew ? "On its way to its receivers." : "Nobody was to get it by e-mail or webhook."}
      </p>
    );
  }
  return (
    <details>
      <summary>{deliveriesInWords(deliveries, format)}</summary>
      <Table
        caption={`Deliveries of: ${title}`}
        columns={[
          { label: "To" },
          { label: "Status" },
          { label: "Attempts", number: true },
          { label: "Last change" },
          { label: "Last error" },
        ]}
        rows={deliveries.map((delivery) => [
          <Receiver delivery={delivery} people={people} page={page} />,
          <Status delivery={delivery} page={page} />,
          format.count(delivery.attempts),
          <span class="nowrap">{format.dateTime(delivery.updatedAt)}</span>,
          <span class="break">{delivery.lastError ?? "–"}</span>,
        ])}
      />
    </details>
  );
}

interface OneProps {
  readonly delivery: Delivery;
  readonly page: AccountPage;
}

function Receiver({
  delivery: { channel, target },
  people,
  page,
}: OneProps & { readonly people: People }): Html {
  if (channel === "webhook") {
    return (
      <span class="person">
        Webhook
        <small>{target}</small>
      </span>
    );
  }
  const person = people.get(target);
  return (
    <span class="person">
      {person === undefined ? target : <a href={personPath(page.root, target)}>{person.name || target}</a>}
      <small>{person?.email ?? "by e-mail"}</small>
    </span>
  );
}

function Status({ delivery: { status, nextAttemptAt }, page: { format } }: OneProps): Html {
  const { label, tone } = STATUS_WORDS[status];
  return (
    <>
      <Badge tone={tone}>{label}</Badge>
      {nextAttemptAt === null ? null : <small>{`next try ${format.dateTime(nextAttemptAt)}`}</small>}
    </>
  );
}
