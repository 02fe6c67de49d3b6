/** The price list in the wire's numbers. */
import type { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import type { Price } from "../credits/rate-changes.ts";
import type { ListedFeature, PriceChange, PriceList } from "../reports/price-list.ts";
import { formatInstant } from "./common.ts";
import { featureAnswer } from "./rate-sheets.ts";
import type { priceListSchema } from "./reports.ts";

export function priceListAnswer(
  account: string,
  { inForce, ahead }: PriceList,
): z.infer<typeof priceListSchema> {
  return {
    account,
    version: inForce?.version ?? null,
    effectiveAt: inForce === null ? null : formatInstant(inForce.effectiveAtMs),
    features: inForce?.features.map(listedFeatureAnswer) ?? [],
    changes: ahead.map(({ version, effectiveAtMs, changes }) => ({
      version,
      effectiveAt: formatInstant(effectiveAtMs),
      changes: changes.map(changeAnswer),
    })),
  };
}

function listedFeatureAnswer(feature: ListedFeature) {
  const { actions, ...rest } = featureAnswer(feature);
  return {
    ...rest,
    actions: actions.map((rate, index) => ({ ...rate, own: feature.actions[index]?.own ?? false })),
  };
}

function changeAnswer(change: PriceChange) {
  return {
    kind: change.kind,
    feature: change.feature,
    ...("action" in change ? { action: change.action } : {}),
    ...("from" in change ? { from: priceAnswer(change.from) } : {}),
    ...("to" in change ? { to: priceAnswer(change.to) } : {}),
    ...(change.kind === "price_changed" ? { raised: change.raised } : {}),
  };
}

function priceAnswer({ creditsMicros, perMicros, blocks }: Price) {
  return { credits: formatMicros(creditsMicros), per: formatMicros(perMicros), blocks };
}
