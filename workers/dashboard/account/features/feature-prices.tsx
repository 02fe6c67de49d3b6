/** What a feature costs now, and what changes ahead (rules, 8.2, 8.3, 8.5 and 8.6). */
import type { PriceList } from "../../../../shared/client/types.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Empty } from "../../parts/blocks.tsx";
import { ChangesAhead } from "../prices/price-changes.tsx";
import { RateList } from "../prices/rate-list.tsx";

interface FeaturePricesProps {
  readonly feature: string;
  readonly prices: PriceList;
  readonly page: AccountPage;
}

export function FeaturePrices({ feature, prices, page }: FeaturePricesProps): Html {
  const { format, root } = page;
  const listed = prices.features.find((one) => one.feature === feature);
  return (
    <>
      <Card title="Price">
        {listed === undefined ? (
          <Empty text="It is not on the price list now." />
        ) : (
          <>
            {listed.beta ? (
              <p>While it is in beta its use is metered and costs 0 credits. It gets a price with notice.</p>
            ) : null}
            <RateList feature={listed} format={format} />
          </>
        )}
      </Card>
      <ChangesAhead prices={prices} format={format} root={root} feature={feature} />
    </>
  );
}
