/** What became of an event's id, on the wire (rules, section 4): with rates, parts, hold, corrections and outcome. */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import { rateOf } from "../credits/rates.ts";
import type { EventFate, PricedBy } from "../protocol.ts";
import { entryAnswer } from "./answers.ts";
import { creditsOutSchema } from "./common.ts";
import { outcomeAnswer, outcomeOutSchema } from "./event-parts.ts";
import { holdAnswer, holdSchema } from "./holds.ts";
import { logEntrySchema } from "./log-entries.ts";

export const FATES = ["booked", "held", "released", "expired", "unknown"] as const;

const partRateSchema = z.object({
  action: z.string(),
  rate: z
    .object({
      credits: creditsOutSchema,
      per: z.number().openapi({ description: "units for which `credits` are due" }),
      blocks: z.boolean().openapi({ description: "each started `per` counts in full" }),
      own: z.boolean().openapi({ description: "agreed with this account" }),
    })
    .nullable()
    .openapi({ description: "null where the rate of then is no longer kept" }),
});

export const eventFateSchema = z
  .object({
    id: z.string(),
    status: z.enum(FATES).openapi({
      description:
        "booked: it has an entry; held: its hold is open; released, expired: its hold ended without one; unknown: never booked, denied, or so long ago that the id may be used again",
    }),
    entry: logEntrySchema.optional(),
    rates: z
      .array(partRateSchema)
      .optional()
      .openapi({ description: "of each item, in order; of the versions that the entry or hold names" }),
    hold: holdSchema.optional(),
    corrections: z.array(logEntrySchema).optional().openapi({ description: "of a booked event, in order" }),
    corrected: creditsOutSchema.optional().openapi({ description: "what they have reversed in total" }),
    outcome: outcomeOutSchema.optional().openapi({ description: "with the event, or attached later" }),
  })
  .openapi("EventFate");

/** `pricedBy` is what the account said, or more; null where it is no longer known. */
export function eventFateAnswer(
  id: string,
  fate: EventFate,
  pricedBy: PricedBy | null,
): z.infer<typeof eventFateSchema> {
  switch (fate.kind) {
    case "unknown":
      return { id, status: "unknown" };
    case "held": {
      const hold = holdAnswer(fate.hold, null);
      return {
        id,
        status: hold.status === "released" || hold.status === "expired" ? hold.status : "held",
        rates: ratesAnswer(hold.items, pricedBy),
        hold,
      };
    }
    case "booked": {
      const { hold, amendments } = fate;
      const entry = entryAnswer(fate.entry);
      const attached = amendments.outcome === null ? undefined : outcomeAnswer(amendments.outcome);
      const outcome = entry.outcome ?? attached;
      return {
        id,
        status: "booked",
        entry,
        rates: ratesAnswer(entry.items, pricedBy),
        ...(hold === null ? {} : { hold: holdAnswer(hold, fate.entry) }),
        corrections: amendments.corrections.map(entryAnswer),
        corrected: formatMicros(amendments.reversed.creditsMicros),
        ...(outcome === undefined ? {} : { outcome }),
      };
    }
  }
}

function ratesAnswer(
  items: readonly { readonly action: string }[],
  pricedBy: PricedBy | null,
): z.infer<typeof partRateSchema>[] {
  return items.map(({ action }) => {
    const { feature = null, accountRates = null } = pricedBy ?? {};
    const found = feature === null ? null : rateOf(feature, action, accountRates?.rates);
    if (found === null) return { action, rate: null };
    const { creditsMicros, perMicros, blocks } = found.rate;
    const credits = formatMicros(creditsMicros);
    return { action, rate: { credits, per: formatMicros(perMicros), blocks, own: found.own } };
  });
}
