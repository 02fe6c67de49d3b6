/** The account's features, each with a page of its own (rules, 10.4). */
import type { AccountFeature, PriceList, UsageReport } from "../../../../shared/client/types.ts";
import { accountPage } from "../../define.tsx";
import { UNTOUCHED } from "../../form.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, type Column, Empty, Filters, PageHead, Table } from "../../parts/blocks.tsx";
import { TextField } from "../../parts/form.tsx";
import { takenPercent } from "../budgets/budget-words.ts";
import { byCategory } from "../prices/prices.tsx";
import { pricesInShort } from "../prices/rate-words.ts";
import { takenText } from "../usage/usage-notes.tsx";
import { FeatureBadges, mayUse, whoMayUse } from "./feature-state.tsx";

/** Shorter lists are seen at a glance. */
const SEARCH_FROM_FEATURES = 12;

interface FeaturesData {
  readonly features: readonly AccountFeature[];
  readonly prices: PriceList;
  /** Of this period, by feature; null where the viewer sees only some of it. */
  readonly usage: UsageReport | null;
}

export const featuresPage = accountPage<FeaturesData>({
  path: "/features",
  nav: "features",
  needs: "see_price_list",
  title: "Features",
  load: async ({ client, account, may }) => {
    const [features, prices, usage] = await Promise.all([
      client.features(account),
      client.rates(account),
      may("see_usage") ? client.usage(account, { groupBy: "feature" }) : null,
    ]);
    return { features: features.data, prices, usage };
  },
  view: (data, page) => <Features data={data} page={page} />,
});

interface FeaturesProps {
  readonly data: FeaturesData;
  readonly page: AccountPage;
}

function Features({ data, page }: FeaturesProps): Html {
  const { features } = data;
  const { q = "" } = page.query;
  const wanted = q.trim();
  const words = wanted.toLowerCase().split(/\s+/);
  const found = features.filter(({ feature, name, category, ownerName }) => {
    const text = [feature, name, category, ownerName ?? ""].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return (
    <>
      <PageHead title="Features" lead="What consumes credits, who may use it and who answers for it." />
      {features.length < SEARCH_FROM_FEATURES ? null : (
        <Filters submit="Search">
          <TextField
            form="search"
            state={UNTOUCHED}
            name="q"
            label="Feature, category or owner"
            value={wanted}
          />
        </Filters>
      )}
      {features.length === 0 ? (
        <Card>
          <Empty text="There are no features yet: no rate sheet is in force." />
        </Card>
      ) : null}
      {features.length > 0 && found.length === 0 ? (
        <Card>
          <Empty text={`No feature is called “${wanted}”.`}>
            <a href={page.url.pathname}>Show all features</a>
          </Empty>
        </Card>
      ) : null}
      {[...byCategory(found)].map(([category, listed], index) => (
        <Card title={category} id={`category-${index + 1}`}>
          <div class="aligned features">
            <FeatureTable features={listed} data={data} page={page} category={category} />
          </div>
        </Card>
      ))}
    </>
  );
}

interface FeatureTableProps extends FeaturesProps {
  readonly category: string;
  readonly features: readonly AccountFeature[];
}

function FeatureTable({ category, features, data, page }: FeatureTableProps): Html {
  const { root, format } = page;
  const { usage, prices } = data;
  const listed = new Map(prices.features.map((feature) => [feature.feature, feature]));
  const used = new Map(usage?.groups.map((group) => [group.feature, group]));
  const columns: readonly Column[] = [
    { label: "Feature" },
    { label: "Price" },
    { label: page.may("see_money") ? "Access" : "May you use it?" },
    { label: "Owner" },
    ...(usage === null
      ? []
      : [
          { label: "Credits", number: true },
          { label: "Budget", number: true },
        ]),
  ];
  return (
    <Table
      caption={`Features: ${category}`}
      columns={columns}
      rows={features.map((feature) => {
        const prices = listed.get(feature.feature);
        return [
          <>
            <a href={`${root}/features/${encodeURIComponent(feature.feature)}`}>{feature.name}</a>{" "}
            <FeatureBadges feature={feature} />
          </>,
          prices === undefined ? "–" : pricesInShort(prices, format),
          page.may("see_money") ? whoMayUse(feature, format) : mayUse(feature, page),
          feature.ownerName ?? feature.owner ?? "–",
          ...(usage === null
            ? []
            : [format.credits(used.get(feature.feature)?.credits ?? 0), budgetText(feature, page)]),
        ];
      })}
    />
  );
}

/** The budget with least room. */
function budgetText({ budgets }: AccountFeature, { format }: AccountPage): string {
  const [fullest] = budgets.toSorted((a, b) => takenPercent(b) - takenPercent(a));
  return fullest === undefined ? "–" : takenText(fullest, format);
}
