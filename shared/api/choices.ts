/** Which choice is cheapest, on the wire (rules, 10.6): each option with its arithmetic, line by line. */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import { LINE_UNITS } from "../credits/invoice.ts";
import { OVERAGE_SETTINGS } from "../credits/state.ts";
import type { Choice, ChoiceOption, CostLine } from "../reports/choice-cost.ts";
import type { Choices } from "../reports/choices.ts";
import { creditsOutSchema, moneyOutSchema } from "./common.ts";

const choiceSchema = z
  .object({
    kind: z.enum(["stay", "pay_as_you_go", "packs"]),
    overageSetting: z.enum(OVERAGE_SETTINGS).optional().openapi({ description: "of stay" }),
    pack: z.string().optional(),
    packs: z.number().optional().openapi({ description: "how many, besides those committed" }),
    beyond: z
      .enum(["pause", "pay_as_you_go"])
      .optional()
      .openapi({ description: "what becomes of use above the limit with these packs" }),
  })
  .openapi("Choice");

const lineSchema = z.object({
  part: z
    .enum(["committed", "bought", "automatic", "overage"])
    .openapi({ description: "committed: packs of the running term, which every option has" }),
  unit: z.enum(LINE_UNITS),
  quantity: z.number(),
  unitPrice: z.string().openapi({ description: "in major units", example: "0.010" }),
  amount: moneyOutSchema.openapi({ description: "quantity × unitPrice, rounded once, half up" }),
  pack: z.string().optional(),
});

export const choiceOptionSchema = z
  .object({
    choice: choiceSchema,
    lines: z.array(lineSchema),
    total: moneyOutSchema.openapi({ description: "of the lines, for one period, before tax" }),
    limit: creditsOutSchema.openapi({ description: "with the packs of this option" }),
    uncovered: creditsOutSchema.openapi({ description: "credits that could not be used" }),
    denials: z.number().openapi({ description: "uses that were denied, whose credits nobody knows" }),
    covers: z.boolean().openapi({ description: "nothing is uncovered" }),
    commits: z.boolean().openapi({ description: "it adds packs, which stay for the rest of the term" }),
  })
  .openapi("ChoiceOption");

const cheapestSchema = z
  .object({ choice: choiceSchema, total: moneyOutSchema })
  .nullable()
  .openapi({ description: "of the options that cover the use; null where none does" });

export const choicesSchema = z
  .object({
    needed: creditsOutSchema.openapi({ description: "use that is to be covered" }),
    cheapest: cheapestSchema,
    options: z.array(choiceOptionSchema),
    payAsYouGoRefused: z
      .enum(["packs_required", "overage_price_missing"])
      .nullable()
      .openapi({ description: "why pay as you go cannot be chosen without buying a pack" }),
  })
  .openapi("Choices");

export const cheapestChoiceSchema = choicesSchema.pick({ needed: true, cheapest: true });

export function choicesAnswer(choices: Choices): z.infer<typeof choicesSchema> {
  return {
    ...cheapestAnswer(choices),
    options: choices.options.map(choiceOptionAnswer),
    payAsYouGoRefused: choices.payAsYouGoRefused,
  };
}

export function cheapestAnswer({ neededMicros, cheapest }: Choices): z.infer<typeof cheapestChoiceSchema> {
  return {
    needed: formatMicros(neededMicros),
    cheapest:
      cheapest === null ? null : { choice: choiceAnswer(cheapest.choice), total: { ...cheapest.total } },
  };
}

function choiceAnswer(choice: Choice): z.infer<typeof choiceSchema> {
  if (choice.kind !== "stay") return { ...choice };
  return { kind: choice.kind, overageSetting: choice.setting };
}

export function choiceOptionAnswer(option: ChoiceOption): z.infer<typeof choiceOptionSchema> {
  const { total, denials, covers, commits } = option;
  return {
    choice: choiceAnswer(option.choice),
    lines: option.lines.map((line) => lineAnswer(line, total.currency)),
    total: { ...total },
    limit: formatMicros(option.limitMicros),
    uncovered: formatMicros(option.uncoveredMicros),
    denials,
    covers,
    commits,
  };
}

function lineAnswer(line: CostLine, currency: string): z.infer<typeof lineSchema> {
  const { part, unit, quantityMicros, unitPrice, amountMinor, pack } = line;
  return {
    part,
    unit,
    quantity: formatMicros(quantityMicros),
    unitPrice,
    amount: { amountMinor, currency },
    ...(pack === undefined ? {} : { pack }),
  };
}
