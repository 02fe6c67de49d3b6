/** Looking for features by words of their names, where a list of them is too long to see at a glance. */
import type { Child } from "hono/jsx";
import { UNTOUCHED } from "../../form.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Empty, Filters } from "../../parts/blocks.tsx";
import { TextField } from "../../parts/fields.tsx";

/** Shorter lists are seen at a glance. */
const SEARCH_FROM_FEATURES = 8;

interface SearchProps<Feature> {
  readonly features: readonly Feature[];
  /** All that a feature may be found by. */
  readonly textsOf: (feature: Feature) => readonly string[];
  /** Names what is searched. */
  readonly label: string;
  /** Said where there are no features at all. */
  readonly none: string;
  readonly page: AccountPage;
  /** How the features of a category look. */
  readonly show: (features: readonly Feature[], category: string) => Child;
}

/** The features that the address asks for, a card per category, in the order in which the list names them. */
export function FeatureSearch<Feature extends { readonly category: string }>(
  props: SearchProps<Feature>,
): Html {
  const { features, textsOf, label, none, page, show } = props;
  const wanted = page.query.q?.trim() ?? "";
  const found = features.filter((feature) => matches(textsOf(feature), wanted));
  const categories = Map.groupBy(found, ({ category }) => category);
  return (
    <>
      {features.length < SEARCH_FROM_FEATURES ? null : (
        <Filters submit="Search">
          <TextField form="search" state={UNTOUCHED} name="q" label={label} value={wanted} />
        </Filters>
      )}
      {found.length > 0 ? null : (
        <Card>
          {features.length === 0 ? (
            <Empty text={none} />
          ) : (
            <Empty text={`Nothing here is called “${wanted}”.`}>
              <a href={page.url.pathname}>Show all features</a>
            </Empty>
          )}
        </Card>
      )}
      {[...categories].map(([category, listed], index) => (
        <Card title={category} id={`category-${index + 1}`}>
          {show(listed, category)}
        </Card>
      ))}
    </>
  );
}

/** True where each word stands somewhere in the texts. */
function matches(texts: readonly string[], wanted: string): boolean {
  const text = texts.join(" ").toLowerCase();
  const words = wanted.toLowerCase().split(/\s+/);
  return words.every((word) => text.includes(word));
}
