/** Who and what uses the most credits (rules, 10.2). */

import type { Child } from "hono/jsx";
import type { Insights } from "../../../../shared/client/types.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Empty, Table } from "../../parts/blocks.tsx";
import { featurePath } from "../../parts/paths.ts";
import { Share } from "../../parts/share.tsx";
import type { InsightsProps } from "./insights.tsx";

type Consumers = Insights["top"]["features"];

export function TopConsumers({ insights: { top }, names, page }: InsightsProps): Html {
  const { root } = page;
  const feature = (id: string) => <a href={featurePath(root, id)}>{names.featureName(id)}</a>;
  const user = (id: string) => (
    <a href={`${root}/history?${new URLSearchParams({ user: id })}`}>{names.userName(id)}</a>
  );
  const other = (id: string) => (
    <span class="cut" title={id}>
      {id}
    </span>
  );
  return (
    <div class="grid">
      <Consumers title="Top features" label="Feature" consumers={top.features} name={feature} page={page} />
      <Consumers title="Top users" label="User" consumers={top.users} name={user} page={page} />
      <Consumers title="Top teams" label="Team" consumers={top.teams} name={other} page={page} />
      <Consumers title="Top workflows" label="Workflow" consumers={top.workflows} name={other} page={page} />
    </div>
  );
}

interface ConsumersProps {
  readonly title: string;
  readonly label: string;
  readonly consumers: Consumers;
  readonly name: (id: string) => Child;
  readonly page: AccountPage;
}

function Consumers({ title, label, consumers, name, page: { format } }: ConsumersProps): Html {
  return (
    <Card title={title}>
      {consumers.length === 0 ? (
        <Empty text="None in this time." />
      ) : (
        <Table
          caption={title}
          columns={[
            { label },
            { label: "Credits", number: true },
            { label: "Money", number: true },
            { label: "Share", number: true },
          ]}
          rows={consumers.map((consumer) => [
            name(consumer.name),
            format.credits(consumer.credits),
            consumer.money === null ? "–" : format.money(consumer.money),
            <Share percent={consumer.sharePercent} format={format} />,
          ])}
        />
      )}
    </Card>
  );
}
