/** What consumes credits, and how many (rules, 8.6 and 10.4). */

import type { PriceList } from "../../../../shared/client/types.ts";
import { accountPage } from "../../define.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge, PageHead } from "../../parts/blocks.tsx";
import { featurePath } from "../../parts/paths.ts";
import { FeatureSearch } from "./feature-search.tsx";
import { ChangesAhead } from "./price-changes.tsx";
import { RateList } from "./rate-list.tsx";
import type { ListedFeature } from "./rate-words.ts";

export const pricesPage = accountPage({
  path: "/prices",
  nav: "prices",
  needs: "see_price_list",
  title: "Price list",
  load: ({ client, account }) => client.rates(account),
  view: (prices, page) => <Prices prices={prices} page={page} />,
});

function Prices({ prices, page }: { readonly prices: PriceList; readonly page: AccountPage }): Html {
  const { format, root } = page;
  const { features, effectiveAt } = prices;
  return (
    <>
      <PageHead
        title="Price list"
        lead={
          effectiveAt === null
            ? "What consumes credits, and how many."
            : `What consumes credits, and how many. In force since ${format.date(effectiveAt)}.`
        }
      />
      <ChangesAhead prices={prices} format={format} root={root} />
      <FeatureSearch
        features={features}
        textsOf={({ feature, name, category, actions }) => [
          feature,
          name,
          category,
          ...actions.flatMap((rate) => [rate.action, rate.name]),
        ]}
        label="Feature, action or category"
        none="There are no prices yet: nothing consumes credits."
        page={page}
        show={(listed) => <PricedFeatures features={listed} page={page} />}
      />
    </>
  );
}

interface PricedFeaturesProps {
  readonly features: readonly ListedFeature[];
  readonly page: AccountPage;
}

function PricedFeatures({ features, page: { format, root } }: PricedFeaturesProps): Html {
  return (
    <ul class="rate-list">
      {features.map((feature) => (
        <li>
          <div>
            <h3>
              <a href={featurePath(root, feature.feature)}>{feature.name}</a>{" "}
              {feature.beta ? <Badge tone="accent">Beta</Badge> : null}
            </h3>
            {feature.description === "" ? null : <p class="muted">{feature.description}</p>}
          </div>
          <RateList feature={feature} format={format} />
        </li>
      ))}
    </ul>
  );
}
