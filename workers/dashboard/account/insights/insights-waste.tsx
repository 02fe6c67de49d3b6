/** What was probably wasted, and what to do about it (rules, 10.7). */

import type { Child } from "hono/jsx";
import type { Insights } from "../../../../shared/client/types.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Empty, Table } from "../../parts/blocks.tsx";
import { entryPath, featurePath, logPath } from "../../parts/paths.ts";
import type { Names } from "../log/log-names.ts";
import type { InsightsProps } from "./insights.tsx";

/** Of duplicates: the groups with the most credits. */
const GROUPS_SHOWN = 5;

type Waste = Insights["waste"];
interface PartProps {
  readonly waste: Waste;
  readonly names: Names;
  readonly page: AccountPage;
}

export function WasteCard({ insights: { waste }, names, page }: InsightsProps): Html {
  const { duplicates, withoutOutcomes, spikes, unowned } = waste;
  const found = [duplicates.groups, withoutOutcomes.features, spikes.days, unowned.features];
  const props = { waste, names, page };
  return (
    <Card title="Probably wasted">
      {found.every((items) => items.length === 0) ? (
        <Empty text="No duplicates, spikes, use without outcomes or features without an owner in this time." />
      ) : (
        <>
          <Duplicates {...props} />
          <WithoutOutcomes {...props} />
          <Spikes {...props} />
          <Unowned {...props} />
        </>
      )}
      {duplicates.truncated ? (
        <p class="muted">
          {`Duplicates were looked for in the newest ${page.format.count(duplicates.entriesSearched)} entries of this time only.`}
        </p>
      ) : null}
    </Card>
  );
}

interface FindingProps {
  readonly title: string;
  readonly figures: { readonly credits: number; readonly money: Waste["duplicates"]["money"] };
  readonly what: string;
  readonly todo: string;
  readonly page: AccountPage;
  readonly children?: Child;
}

function Finding({ title, figures, what, todo, page: { format }, children }: FindingProps): Html {
  const { credits, money } = figures;
  return (
    <section class="finding" aria-label={title}>
      <h3>{`${title}: ${format.credits(credits)} credits${money === null ? "" : `, ${format.money(money)}`}`}</h3>
      <p>{what}</p>
      {children}
      <p>
        <strong>What to do: </strong>
        {todo}
      </p>
    </section>
  );
}

function Duplicates({ waste: { duplicates }, names, page }: PartProps): Html {
  const { groups } = duplicates;
  if (groups.length === 0) return <></>;
  const { format, root } = page;
  const listed = groups.slice(0, GROUPS_SHOWN);
  const shown = listed.reduce((sum, group) => sum + group.duplicates, 0);
  const more = duplicates.duplicates - shown;
  return (
    <Finding
      title="Duplicates"
      figures={duplicates}
      what={`${format.plural(duplicates.duplicates, "use")} of the same feature, action and subject again within 24 hours, under another id.`}
      todo="send a request that is tried again with the id of the first: then it is booked once."
      page={page}
    >
      <Table
        caption="Duplicates with the most credits"
        columns={[
          { label: "Subject" },
          { label: "Feature and action" },
          { label: "First use" },
          { label: "Again", number: true },
          { label: "Credits", number: true },
        ]}
        rows={listed.map((group) => {
          const href = entryPath(root, group.firstId);
          const at = format.dateTime(group.firstAt);
          const actions = group.actions.map((action) => names.actionName(group.feature, action));
          return [
            <span class="break">{group.subject}</span>,
            <>
              {names.featureName(group.feature)}
              <small>{format.list(actions)}</small>
            </>,
            href === null ? at : <a href={href}>{at}</a>,
            `${format.count(group.duplicates)} ×`,
            format.credits(group.credits),
          ];
        })}
      />
      {more > 0 ? <p class="muted">{`And ${format.plural(more, "more duplicate")}.`}</p> : null}
    </Finding>
  );
}

function WithoutOutcomes({ waste: { withoutOutcomes }, names, page }: PartProps): Html {
  if (withoutOutcomes.features.length === 0) return <></>;
  return (
    <Finding
      title="Without outcomes"
      figures={withoutOutcomes}
      what="Features that spent credits while nobody said what came of it."
      todo="send an outcome with their events or attach it later; if there is none, pause the feature."
      page={page}
    >
      <FeatureTable
        caption="Features without outcomes"
        features={withoutOutcomes.features}
        names={names}
        page={page}
      />
    </Finding>
  );
}

function Unowned({ waste: { unowned }, names, page }: PartProps): Html {
  if (unowned.features.length === 0) return <></>;
  return (
    <Finding
      title="Nobody owns it"
      figures={unowned}
      what="Features that spent credits while nobody answers for them."
      todo="name an owner on the feature's page."
      page={page}
    >
      <FeatureTable
        caption="Features without an owner"
        features={unowned.features}
        names={names}
        page={page}
      />
    </Finding>
  );
}

function Spikes({ waste: { spikes }, names, page }: PartProps): Html {
  if (spikes.days.length === 0) return <></>;
  const { format, root } = page;
  return (
    <Finding
      title="Spikes"
      figures={spikes}
      what="Days on which a feature used far more than on the 14 days before; counted is what is above their mean."
      todo="look at the entries of that day. A loop or a load test shows there; a budget stops the next one."
      page={page}
    >
      <Table
        caption="Spikes"
        columns={[
          { label: "Day" },
          { label: "Feature" },
          { label: "Used", number: true },
          { label: "Mean", number: true },
          { label: "Above", number: true },
        ]}
        rows={spikes.days.map(({ feature, day, used, mean, credits }) => [
          <a href={logPath(root, { from: day, to: day, feature })}>{format.day(day)}</a>,
          names.featureName(feature),
          format.credits(used),
          format.credits(mean),
          format.credits(credits),
        ])}
      />
    </Finding>
  );
}

interface FeatureTableProps {
  readonly caption: string;
  readonly features: Waste["unowned"]["features"];
  readonly names: Names;
  readonly page: AccountPage;
}

function FeatureTable({ caption, features, names, page: { format, root } }: FeatureTableProps): Html {
  return (
    <Table
      caption={caption}
      columns={[{ label: "Feature" }, { label: "Credits", number: true }, { label: "Money", number: true }]}
      rows={features.map(({ feature, credits, money }) => [
        <a href={featurePath(root, feature)}>{names.featureName(feature)}</a>,
        format.credits(credits),
        money === null ? "–" : format.money(money),
      ])}
    />
  );
}
