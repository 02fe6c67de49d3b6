/** Packs and their commitment term on the wire (rules, sections 5.2, 5.3 and 5.10). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import type { Balance } from "../credits/balance.ts";
import { type Catalog, packPrice, upgradePack } from "../credits/catalog.ts";
import { pricePerCredit } from "../credits/money.ts";
import { type CommitmentTerm, type OwnedPack, PACK_SOURCES } from "../credits/state.ts";
import { balanceSummaryAnswer } from "./answers.ts";
import {
  accountParamsSchema,
  creditsOutSchema,
  formatInstant,
  identifierSchema,
  instantOutSchema,
  labelSchema,
  moneyOutSchema,
} from "./common.ts";
import { balanceSummarySchema } from "./decisions.ts";
import { settingFields, settingsAnswer, settingsSchema } from "./settings.ts";

export const PACK_QUANTITY_MAX = 10_000;

export const packQuantitySchema = z.int().min(1).max(PACK_QUANTITY_MAX);

export const packParamsSchema = accountParamsSchema.extend({
  pack: identifierSchema.openapi({ description: "the holding's `id`", example: "pack_1" }),
});

export const buyPackSchema = z
  .strictObject({
    pack: identifierSchema,
    quantity: packQuantitySchema.default(1),
    ...settingFields,
  })
  .openapi("BuyPack", {
    description: "The account's first pack may name setting and maximum; else it sets auto_upgrade.",
    example: { pack: "pack-1000", quantity: 1 },
  });

export const changeRenewalSchema = z
  .strictObject({
    renewal: z.strictObject({
      pack: identifierSchema.optional().openapi({ description: "default: the pack that it renews to now" }),
      quantity: z.int().min(0).max(PACK_QUANTITY_MAX).openapi({ description: "0: it ends with the term" }),
    }),
  })
  .openapi("ChangeRenewal", { example: { renewal: { quantity: 1 } } });

export const cancelPackSchema = z
  .strictObject({
    quantity: packQuantitySchema.optional().openapi({ description: "default: all of the holding" }),
    reason: labelSchema,
  })
  .openapi("CancelPack", { example: { reason: "bought by mistake" } });

const renewalSchema = z.object({
  pack: z.string(),
  name: z.string(),
  credits: creditsOutSchema,
  quantity: z.number(),
});

export const ownedPackSchema = z
  .object({
    id: z.string(),
    pack: z.string(),
    name: z.string(),
    credits: creditsOutSchema.openapi({ description: "monthly credits of one pack" }),
    quantity: z.number(),
    source: z.enum(PACK_SOURCES),
    price: moneyOutSchema.openapi({ description: "of one pack for one usage period, fixed for the term" }),
    addedAt: instantOutSchema,
    period: z.string().openapi({ description: "the usage period in which it was added" }),
    renewal: renewalSchema.openapi({
      description: "what it becomes when the term ends, at the price then current; quantity 0: it ends",
    }),
  })
  .openapi("OwnedPack");

export const termSchema = z
  .object({
    start: instantOutSchema,
    end: instantOutSchema.openapi({ description: "as the anchor date stands now" }),
    period: z.number().openapi({ description: "which of its usage periods runs, counted from 1" }),
    periods: z.number(),
  })
  .openapi("CommitmentTerm", { description: "all packs of an account end or renew with its one term" });

export const packOnSaleSchema = z
  .object({
    pack: z.string(),
    name: z.string(),
    credits: creditsOutSchema.openapi({ description: "monthly credits of one pack" }),
    price: moneyOutSchema.openapi({ description: "of one pack for one usage period" }),
    pricePerCredit: z.string().nullable().openapi({ description: "in major units", example: "0.01" }),
    upgrade: z.boolean().openapi({ description: "automatic upgrades add this pack" }),
  })
  .openapi("PackOnSale");

export const ownedPacksSchema = z
  .object({
    data: z.array(ownedPackSchema),
    term: termSchema.nullable(),
    onSale: z
      .array(packOnSaleSchema)
      .openapi({ description: "what the account may buy: the catalogue's packs in its currency" }),
    nextCursor: z.null(),
  })
  .openapi("OwnedPacks");

export const boughtPackSchema = z
  .object({
    replayed: z.boolean().openapi({ description: "bought by an earlier call with this Idempotency-Key" }),
    bought: ownedPackSchema,
    settings: settingsSchema,
    balance: balanceSummarySchema,
  })
  .openapi("BoughtPack");

export const changedRenewalSchema = z
  .object({
    pack: ownedPackSchema,
    effectiveAt: instantOutSchema.openapi({ description: "the end of the commitment term" }),
  })
  .openapi("ChangedRenewal");

export const cancelledPackSchema = z
  .object({
    replayed: z.boolean().openapi({ description: "cancelled by an earlier call with this Idempotency-Key" }),
    cancelled: ownedPackSchema.openapi({ description: "its quantity is what was cancelled" }),
    settings: settingsSchema,
    balance: balanceSummarySchema,
  })
  .openapi("CancelledPack");

export function ownedPackAnswer(owned: OwnedPack): z.infer<typeof ownedPackSchema> {
  const { id, pack, name, quantity, source, period, price, renewal } = owned;
  return {
    id,
    pack,
    name,
    credits: formatMicros(owned.creditsMicros),
    quantity,
    source,
    price: { ...price },
    addedAt: formatInstant(owned.addedAtMs),
    period,
    renewal: {
      pack: renewal.pack,
      name: renewal.name,
      credits: formatMicros(renewal.creditsMicros),
      quantity: renewal.quantity,
    },
  };
}

export function termAnswer(term: CommitmentTerm | null): z.infer<typeof termSchema> | null {
  if (term === null) return null;
  const { startMs, endMs, period, periods } = term;
  return { start: formatInstant(startMs), end: formatInstant(endMs), period, periods };
}

/** The catalogue's packs that are on sale in a currency. */
export function packsOnSaleAnswer(catalog: Catalog, currency: string): z.infer<typeof packOnSaleSchema>[] {
  const upgrade = upgradePack(catalog, currency);
  return catalog.packs.flatMap((sold) => {
    const price = packPrice(sold, currency);
    if (price === null) return [];
    const { pack, name, creditsMicros } = sold;
    return {
      pack,
      name,
      credits: formatMicros(creditsMicros),
      price: { ...price },
      pricePerCredit: pricePerCredit(price, creditsMicros),
      upgrade: pack === upgrade?.pack,
    };
  });
}

/** What an account has after a change of its packs. */
export function afterwards(balance: Balance) {
  return { settings: settingsAnswer(balance), balance: balanceSummaryAnswer(balance) };
}
