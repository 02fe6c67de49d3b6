/** The account's features, each with a page of its own (rules, 10.4). */

import type { AccountFeature, PriceList, UsageReport } from "../../../../shared/client/types.ts";
import { budgetTakenPercent } from "../../../../shared/reports/budget-use.ts";
import { accountPage } from "../../define.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { type Column, PageHead, Table } from "../../parts/blocks.tsx";
import { featurePath } from "../../parts/paths.ts";
import { takenText } from "../budgets/budget-words.ts";
import { FeatureSearch } from "../prices/feature-search.tsx";
import { pricesInShort } from "../prices/rate-words.ts";
import { FeatureBadges, mayUse, whoMayUse } from "./feature-state.tsx";

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
  return (
    <>
      <PageHead title="Features" lead="What consumes credits, who may use it and who answers for it." />
      <FeatureSearch
        features={data.features}
        textsOf={({ feature, name, category, ownerName }) => [feature, name, category, ownerName ?? ""]}
        label="Feature, category or owner"
        none="There are no features yet: no rate sheet is in force."
        page={page}
        show={(features, category) => (
          <div class="aligned features">
            <FeatureTable features={features} data={data} page={page} category={category} />
          </div>
        )}
      />
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
            <a href={featurePath(root, feature.feature)}>{feature.name}</a>{" "}
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
  const [fullest] = budgets.toSorted((a, b) => budgetTakenPercent(b) - budgetTakenPercent(a));
  return fullest === undefined ? "–" : takenText(fullest, format);
}
