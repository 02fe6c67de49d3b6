/** Messages that failed every retry: what they are, sending them again, removing them (rules, 6.5). */

import { QUEUES } from "../../../shared/api/dead-letters.ts";
import type { DeadLetter, DeadLetterSummary, DeadLettersQuery } from "../../../shared/client/types.ts";
import { type Done, operatorPage } from "../define.tsx";
import type { Html, Page } from "../page.tsx";
import { Badge, Card, Empty, Facts, Filters, PageHead, Pager, Table } from "../parts/blocks.tsx";
import { SelectField } from "../parts/fields.tsx";
import { manageAccountPath } from "../parts/paths.ts";
import { NONE, wordsOf } from "../parts/words.ts";
import { askedOf, FILTER, filterState, keyMayChange, RowButton } from "./parts.tsx";

const RESEND = "resend";
const REMOVE = "remove";
const ROOT = "/operator/dead-letters";

export const deadLettersPage = operatorPage({
  path: "/dead-letters",
  nav: "dead-letters",
  title: "Dead letters",
  load: (page) => {
    const { resent, ...asked } = askedOf(page, ["queue", "resent", "cursor"]);
    const query = resent === undefined ? asked : { ...asked, resent: resent === "true" };
    return page.client.deadLetters(query as DeadLettersQuery);
  },
  view: ({ data, nextCursor }, page) => {
    const shared = { form: FILTER, state: filterState(page) };
    return (
      <>
        <PageHead
          title="Dead letters"
          lead="Messages that failed every retry. Find the error in the Worker's logs, then send them again: what they do is done once all the same."
        />
        <Filters>
          <SelectField
            {...shared}
            name="queue"
            label="Queue"
            options={[
              { value: "", label: "Any" },
              ...QUEUES.map((queue) => ({ value: queue, label: queue })),
            ]}
          />
          <SelectField
            {...shared}
            name="resent"
            label="State"
            options={[
              { value: "", label: "Any" },
              { value: "false", label: "Waiting" },
              { value: "true", label: "Resent" },
            ]}
          />
        </Filters>
        <Card>
          {data.length === 0 ? (
            <Empty text="No message has failed. That is how it should be." />
          ) : (
            <Table
              caption="Dead letters"
              columns={[
                { label: "Message" },
                { label: "Queue" },
                { label: "Account" },
                { label: "Failed" },
                { label: "State" },
              ]}
              rows={data.map((letter) => rowOf(letter, page))}
            />
          )}
          <Pager url={page.url} nextCursor={nextCursor} />
        </Card>
      </>
    );
  },
});

function rowOf({ id, type, queue, account, diedAt, resentAt }: DeadLetterSummary, { format }: Page) {
  return [
    <a href={`${ROOT}/${encodeURIComponent(id)}`}>{typeInWords(type)}</a>,
    queue,
    account ?? NONE,
    <span class="nowrap">{format.dateTime(diedAt)}</span>,
    <State resentAt={resentAt} />,
  ];
}

function typeInWords(type: string | null): string {
  return type === null ? "Message" : wordsOf(type);
}

function State({ resentAt }: { readonly resentAt: string | null }): Html {
  return (
    <Badge tone={resentAt === null ? "critical" : "good"}>{resentAt === null ? "Waiting" : "Resent"}</Badge>
  );
}

export const deadLetterPage = operatorPage<DeadLetter>({
  path: "/dead-letters/:letter",
  nav: "dead-letters",
  title: ({ type }) => typeInWords(type),
  load: (page) => page.client.deadLetter(idOf(page)),
  view: ({ id, type, queue, account, diedAt, resentAt, message }, page) => (
    <>
      <p>
        <a href={ROOT}>All dead letters</a>
      </p>
      <PageHead title={typeInWords(type)} lead={<State resentAt={resentAt} />} />
      <Card title="Message">
        <Facts
          facts={[
            ["Id", <code>{id}</code>],
            ["Queue", queue],
            account === null ? null : ["Account", <a href={manageAccountPath(account)}>{account}</a>],
            ["Failed", page.format.dateTime(diedAt)],
            resentAt === null ? null : ["Resent", page.format.dateTime(resentAt)],
          ]}
        />
        <details open>
          <summary>As it was in the queue</summary>
          <pre class="scroll" tabindex={0}>
            {JSON.stringify(message, null, 2)}
          </pre>
        </details>
      </Card>
      {keyMayChange(page) ? (
        <div class="actions">
          <RowButton action={RESEND} fields={{}} label="Send it again" about={typeInWords(type)} />
          <RowButton action={REMOVE} fields={{}} label="Remove" about={typeInWords(type)} danger />
        </div>
      ) : null}
    </>
  ),
  actions: { [RESEND]: { run: resend }, [REMOVE]: { run: remove } },
});

function idOf({ context }: Page): string {
  return context.req.param("letter") ?? "";
}

async function resend(page: Page): Promise<Done> {
  await page.client.resendDeadLetter(idOf(page));
  return { to: page.url.pathname, said: "The message is back on its queue." };
}

async function remove(page: Page): Promise<Done> {
  await page.client.removeDeadLetter(idOf(page));
  return { to: ROOT, said: "The message is removed." };
}
