/** What each action of a feature costs now (rules, 8.2, 8.3 and 8.5). */
import type { Format } from "../../format.ts";
import type { Html } from "../../page.tsx";
import { Badge } from "../../parts/blocks.tsx";
import { type ListedFeature, priceText } from "./rate-words.ts";

interface RateListProps {
  readonly feature: ListedFeature;
  readonly format: Format;
}

/** A line per action; a beta feature's listed price is not charged. */
export function RateList({ feature, format }: RateListProps): Html {
  const { actions, beta } = feature;
  return (
    <dl class="rates">
      {actions.map((rate) => (
        <div>
          <dt>{rate.name}</dt>
          <dd>
            {beta ? "0 credits in beta" : priceText(rate, format)}{" "}
            {rate.own ? <Badge tone="accent">Your own rate</Badge> : null}
            {beta && rate.credits > 0 ? <small>listed at {priceText(rate, format)}</small> : null}
          </dd>
        </div>
      ))}
    </dl>
  );
}
