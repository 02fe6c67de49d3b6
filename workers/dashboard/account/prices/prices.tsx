/** What consumes credits, and how many (rules, 8.6 and 10.4). */
import type { PriceList } from "../../../../shared/client/types.ts";
import { accountPage } from "../../define.tsx";
import { UNTOUCHED } from "../../form.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge, Card, Empty, Filters, PageHead } from "../../parts/blocks.tsx";
import { TextField } from "../../parts/form.tsx";
import { ChangesAhead } from "./price-changes.tsx";
import { RateList } from "./rate-list.tsx";
import type { ListedFeature } from "./rate-words.ts";

/** Shorter lists are seen at a glance. */
const SEARCH_FROM_FEATURES = 8;

export const pricesPage = accountPage({
  path: "/prices",
  nav: "prices",
  needs: "see_price_list",
  title: "Price list",
  load: ({ client, account }) => client.rates(account),
  view: (prices, page) => <Prices prices={prices} page={page} />,
});

function Prices({ prices, page }: { readonly prices: PriceList; readonly page: AccountPage }): Html {
  const { format, query, root } = page;
  const { features, effectiveAt } = prices;
  const { q = "" } = query;
  const wanted = q.trim();
  const found = features.filter((feature) => matches(feature, wanted));
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
      {features.length < SEARCH_FROM_FEATURES ? null : (
        <Filters submit="Search">
          <TextField
            form="search"
            state={UNTOUCHED}
            name="q"
            label="Feature, action or category"
            value={wanted}
          />
        </Filters>
      )}
      {features.length === 0 ? (
        <Card>
          <Empty text="There are no prices yet: nothing consumes credits." />
        </Card>
      ) : null}
      {features.length > 0 && found.length === 0 ? (
        <Card>
          <Empty text={`Nothing on the price list is called “${wanted}”.`}>
            <a href={page.url.pathname}>Show the whole list</a>
          </Empty>
        </Card>
      ) : null}
      {[...byCategory(found)].map(([category, listed], index) => (
        <Category id={`category-${index + 1}`} category={category} features={listed} page={page} />
      ))}
    </>
  );
}

/** True where each word stands somewhere in the feature's names. */
function matches({ feature, name, category, actions }: ListedFeature, wanted: string): boolean {
  const text = [feature, name, category, ...actions.flatMap((rate) => [rate.action, rate.name])]
    .join(" ")
    .toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** In the order in which the price list names the categories. */
export function byCategory<Feature extends { readonly category: string }>(
  features: readonly Feature[],
): ReadonlyMap<string, readonly Feature[]> {
  return Map.groupBy(features, ({ category }) => category);
}

interface CategoryProps {
  /** Of its heading. */
  readonly id: string;
  readonly category: string;
  readonly features: readonly ListedFeature[];
  readonly page: AccountPage;
}

function Category({ id, category, features, page }: CategoryProps): Html {
  const { format, root } = page;
  return (
    <Card title={category} id={id}>
      <ul class="rate-list">
        {features.map((feature) => (
          <li>
            <div>
              <h3>
                <a href={`${root}/features/${encodeURIComponent(feature.feature)}`}>{feature.name}</a>{" "}
                {feature.beta ? <Badge tone="accent">Beta</Badge> : null}
              </h3>
              {feature.description === "" ? null : <p class="muted">{feature.description}</p>}
            </div>
            <RateList feature={feature} format={format} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
