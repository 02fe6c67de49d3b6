/** What the tests' operator sells: prices as in the worked examples of the rules, round enough to work out by head. */
import type { Drawdown } from "../../../shared/client/client.ts";

/** From here on, a token costs twice as much (worked example 23). Later than any test's other times. */
export const PRICE_RISES_AT = "2027-12-01T00:00:00Z";

/** 1 credit each. */
export const UNIT = { feature: "meter", action: "unit" };
/** 1 credit per 1,000; from `PRICE_RISES_AT` on 2. */
export const TOKEN = { feature: "model", action: "token" };
/** 20 credits per started 10,000. */
export const BLOCK_TOKEN = { feature: "voice", action: "token" };

export async function makeOperator(live: Drawdown): Promise<void> {
  await live.putCatalog({
    plans: [500, 1000, 5000].map((credits) => ({
      plan: `plan-${credits}`,
      name: `Plan with ${credits}`,
      includedCredits: credits,
    })),
    packs: [
      {
        pack: "pack-100",
        name: "100 credits",
        credits: 100,
        prices: [{ amountMinor: 100, currency: "USD" }],
      },
      {
        pack: "pack-1000",
        name: "1,000 credits",
        credits: 1000,
        prices: [{ amountMinor: 1000, currency: "USD" }],
        upgrade: true,
      },
    ],
    overageRates: [{ currency: "USD", price: "0.010" }],
    seller: { name: "Example Software Inc." },
  });
  await live.publishRateSheet({ effectiveAt: "2020-01-01T00:00:00Z", features: features(1) });
  await live.publishRateSheet({ effectiveAt: PRICE_RISES_AT, features: features(2) });
}

function features(creditsPer1000Tokens: number) {
  const perToken = { credits: creditsPer1000Tokens, per: 1000 };
  return [
    { feature: UNIT.feature, actions: [{ action: UNIT.action, credits: 1 }] },
    { feature: TOKEN.feature, actions: [{ action: TOKEN.action, ...perToken }] },
    {
      feature: BLOCK_TOKEN.feature,
      actions: [{ action: BLOCK_TOKEN.action, credits: 20, per: 10_000, blocks: true }],
    },
    {
      feature: "assistant",
      actions: [
        { action: "input_tokens", credits: 1, per: 1000 },
        { action: "output_tokens", credits: 4, per: 1000 },
      ],
    },
  ];
}
