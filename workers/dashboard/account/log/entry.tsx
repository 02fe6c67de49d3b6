/** A single entry explained (rules, 3, 4 and 8): what it cost and why, who, which hold, corrections, outcome. */

import { DrawdownError } from "../../../../shared/client/client.ts";
import type { EventFate, LogEntry } from "../../../../shared/client/types.ts";
import { accountPage } from "../../define.tsx";
import { type AccountPage, type Html, PageNotFound } from "../../page.tsx";
import { Badge, Card, Facts, Figures, PageHead } from "../../parts/blocks.tsx";
import { wordsOf } from "../../parts/words.ts";
import { Corrections } from "./entry-corrections.tsx";
import { EntryFacts } from "./entry-facts.tsx";
import { HoldStory } from "./entry-hold.tsx";
import { Parts } from "./entry-parts.tsx";
import { type Names, readNames } from "./log-names.ts";

interface EntryData {
  readonly fate: EventFate;
  readonly names: Names;
}

export interface EntryProps extends EntryData {
  readonly page: AccountPage;
}

export const entryPage = accountPage<EntryData>({
  path: "/log/:event",
  nav: "log",
  needs: "see_usage",
  title: "Entry",
  load: async (page) => {
    const id = page.context.req.param("event") ?? "";
    const [fate, names] = await Promise.all([readFate(page, id), readNames(page)]);
    if (fate.status === "unknown") throw new PageNotFound();
    return { fate, names };
  },
  view: ({ fate, names }, page) => (
    <>
      <PageHead title={fate.id} lead={<Lead fate={fate} names={names} page={page} />}>
        <a class="button secondary" href={`${page.root}/log`}>
          Usage log
        </a>
      </PageHead>
      {fate.entry === undefined ? (
        <HeldOnly fate={fate} names={names} page={page} />
      ) : (
        <Booked fate={fate} entry={fate.entry} names={names} page={page} />
      )}
    </>
  ),
});

/** What is not the viewer's to see is not there for them. */
async function readFate({ client, account }: AccountPage, id: string): Promise<EventFate> {
  try {
    return await client.event(account, id);
  } catch (error) {
    if (error instanceof DrawdownError && [403, 404, 422].includes(error.problem.status)) {
      throw new PageNotFound();
    }
    throw error;
  }
}

const STATUS = {
  booked: { tone: "good", text: "Booked" },
  held: { tone: "accent", text: "Hold open" },
  released: { tone: "plain", text: "Hold released" },
  expired: { tone: "plain", text: "Hold expired" },
  unknown: { tone: "plain", text: "Unknown" },
} as const;

function Lead({ fate, names }: EntryProps): Html {
  const feature = fate.entry?.feature ?? fate.hold?.feature ?? "";
  const { tone, text } = STATUS[fate.status];
  const whole = fate.entry !== undefined && (fate.corrected ?? 0) >= fate.entry.credits;
  return (
    <>
      {`${names.featureName(feature)} `}
      <Badge tone={tone}>{text}</Badge>{" "}
      {(fate.corrected ?? 0) === 0 ? null : (
        <Badge tone="warning">{whole ? "Reversed" : "Reversed in part"}</Badge>
      )}{" "}
      {fate.entry?.late === true ? <Badge>Late</Badge> : null}
    </>
  );
}

function Booked({ fate, entry, names, page }: EntryProps & { readonly entry: LogEntry }): Html {
  const { format } = page;
  const corrected = fate.corrected ?? 0;
  const figures = [
    { label: "Credits", value: format.creditsExact(entry.credits), note: "as booked" },
    ...(corrected === 0
      ? []
      : [
          { label: "Reversed", value: format.creditsExact(corrected), note: "by corrections" },
          {
            label: "Remains",
            // In whole micros: a difference of two decimals may show more digits than they have.
            value: format.creditsExact((entry.credits - corrected).toFixed(6)),
          },
        ]),
    ...(entry.overdraft === undefined || entry.overdraft === 0
      ? []
      : [
          {
            label: "Overdraft",
            value: format.creditsExact(entry.overdraft),
            note: "above what was available; never invoiced",
          },
        ]),
  ];
  return (
    <>
      <Card>
        <Figures figures={figures} />
      </Card>
      <Card title="How the credits add up">
        <Parts
          feature={entry.feature}
          items={entry.items}
          rates={fate.rates ?? []}
          total={entry.credits}
          rateVersion={entry.rateVersion}
          ownVersion={entry.accountRatesVersion}
          names={names}
          page={page}
        />
      </Card>
      <Card title="What it was">
        <EntryFacts entry={entry} names={names} page={page} />
      </Card>
      <OutcomeCard fate={fate} entry={entry} names={names} page={page} />
      {fate.hold === undefined ? null : (
        <Card title="The hold it came from">
          <HoldStory hold={fate.hold} page={page} />
        </Card>
      )}
      <Corrections fate={fate} names={names} page={page} />
      <Card title="If it is sent again">
        <p>
          The same event under this id gets the first answer again and books nothing. Another event under it
          is refused.
        </p>
      </Card>
    </>
  );
}

function HeldOnly({ fate: { hold, rates = [] }, names, page }: EntryProps): Html {
  if (hold === undefined) throw new PageNotFound();
  return (
    <>
      <Card title="Credits held">
        <HoldStory hold={hold} page={page} />
      </Card>
      <Card title="How the held credits add up">
        <Parts
          feature={hold.feature}
          items={hold.items}
          rates={rates}
          total={hold.credits}
          rateVersion={hold.rateVersion}
          ownVersion={undefined}
          names={names}
          page={page}
        />
      </Card>
    </>
  );
}

function OutcomeCard({ fate, entry, page: { format } }: EntryProps & { readonly entry: LogEntry }): Html {
  const { outcome } = fate;
  if (outcome === undefined) return <></>;
  const { type, value, quantity, unit } = outcome;
  return (
    <Card title="Outcome">
      <Facts
        facts={[
          ["What came of it", wordsOf(type)],
          value === undefined ? null : ["Value", format.money(value)],
          quantity === undefined ? null : ["Quantity", `${format.creditsExact(quantity)} ${unit ?? ""}`],
          ["Said", entry.outcome === undefined ? "later, attached to the event" : "with the event"],
        ]}
      />
    </Card>
  );
}
