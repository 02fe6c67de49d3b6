/** Which choice is cheapest, by example (rules, 10.6). */
import { describe, expect, test } from "vitest";
import type { PackCharge } from "../../shared/credits/billing-facts.ts";
import type { ChoiceOption, ChoiceTerms } from "../../shared/reports/choice-cost.ts";
import { type Choices, choicesFor, pastChoices, projectedChoices } from "../../shared/reports/choices.ts";
import { CATALOG, credits, packOf } from "./fixtures.ts";

const USD = "USD";

function committed(amount: number, quantity: number, price = amount): PackCharge {
  const { pack, name, creditsMicros } = packOf(amount);
  return { pack, name, creditsMicros, quantity, price: { amountMinor: price, currency: USD } };
}

/** 5,000 included, one pack of 1,000 for 10 USD, overage at 0.010 USD: the limit is 6,000. */
function termsWith(more: Partial<ChoiceTerms> = {}): ChoiceTerms {
  return {
    currency: USD,
    includedMicros: credits(5000),
    committedPacks: [committed(1000, 1)],
    setting: "pause",
    maximumMicros: null,
    overagePrice: "0.010",
    automaticPacksLeft: null,
    catalog: CATALOG,
    ...more,
  };
}

/** One line: "2 × 10.00 = 2000". */
function arithmetic({ lines }: ChoiceOption): readonly string[] {
  return lines.map(
    ({ part, quantityMicros, unitPrice, amountMinor: amount }) =>
      `${part}: ${quantityMicros / credits(1)} × ${unitPrice} = ${amount}`,
  );
}

function named({ choice }: ChoiceOption): string {
  switch (choice.kind) {
    case "stay":
      return `stay in ${choice.setting}`;
    case "pay_as_you_go":
      return "pay as you go";
    case "packs":
      return `${choice.packs} ${choice.pack}, then ${choice.beyond}`;
  }
}

/** Name → total and what is uncovered, in credits. */
function overview({ options }: Choices): Readonly<Record<string, readonly [number, number]>> {
  return Object.fromEntries(
    options.map((option) => [named(option), [option.total.amountMinor, option.uncoveredMicros / credits(1)]]),
  );
}

function cheapestOf({ cheapest }: Choices): string | null {
  return cheapest === null ? null : named(cheapest);
}

describe("the choices for a use", () => {
  test("of 6,237.5 with a limit of 6,000: overage of 230 is cheaper than a pack", () => {
    const choices = choicesFor(termsWith({ setting: "auto_upgrade" }), credits(6237.5), 0);
    expect(overview(choices)).toEqual({
      "stay in auto_upgrade": [2000, 0],
      "pay as you go": [1230, 0],
      "1 p1000, then pause": [2000, 0],
    });
    expect(choices.options.map(arithmetic)).toEqual([
      ["committed: 1 × 10.00 = 1000", "automatic: 1 × 10.00 = 1000"],
      ["committed: 1 × 10.00 = 1000", "overage: 230 × 0.010 = 230"],
      ["committed: 1 × 10.00 = 1000", "bought: 1 × 10.00 = 1000"],
    ]);
    expect(cheapestOf(choices)).toBe("pay as you go");
    expect(choices.options.map(({ commits }) => commits)).toEqual([true, false, true]);
  });

  test("within the limit: nothing is to be bought", () => {
    for (const setting of ["pause", "auto_upgrade", "pay_as_you_go"] as const) {
      const choices = choicesFor(termsWith({ setting }), credits(6000), 0);
      expect(cheapestOf(choices)).toBe(`stay in ${setting}`);
      expect(choices.cheapest?.total.amountMinor).toBe(1000);
      expect(choices.options.some(({ choice }) => choice.kind === "packs")).toBe(false);
    }
  });

  test("in pause: what does not fit is lost, and staying is not among the cheapest", () => {
    const choices = choicesFor(termsWith({ overagePrice: null }), credits(7500), 0);
    expect(overview(choices)).toEqual({
      "stay in pause": [1000, 1500],
      "1 p1000, then pause": [2000, 500],
      "2 p1000, then pause": [3000, 0],
    });
    expect(cheapestOf(choices)).toBe("2 p1000, then pause");
    expect(choices.payAsYouGoRefused).toBe("overage_price_missing");
  });

  test("without packs: pay as you go needs a pack first", () => {
    const terms = termsWith({ includedMicros: credits(500), committedPacks: [] });
    const choices = choicesFor(terms, credits(1700), 0);
    expect(choices.payAsYouGoRefused).toBe("packs_required");
    expect(overview(choices)).toEqual({
      "stay in pause": [0, 1200],
      "1 p1000, then pause": [1000, 200],
      "1 p1000, then pay_as_you_go": [1200, 0],
      "2 p1000, then pause": [2000, 0],
    });
    expect(cheapestOf(choices)).toBe("1 p1000, then pay_as_you_go");
  });

  test("with a cheap large pack: it takes the bulk, overage the rest", () => {
    const large = packOf(5000, { prices: [{ amountMinor: 3000, currency: USD }] });
    const terms = termsWith({ catalog: { ...CATALOG, packs: [packOf(1000), large] } });
    const choices = choicesFor(terms, credits(11_400), 0);
    expect(cheapestOf(choices)).toBe("1 p5000, then pay_as_you_go");
    expect(choices.cheapest?.total.amountMinor).toBe(1000 + 3000 + 400);
  });

  test("a pack that is not sold in the currency is no choice", () => {
    const euros = packOf(9000, { prices: [{ amountMinor: 1, currency: "EUR" }] });
    const choices = choicesFor(termsWith({ catalog: { ...CATALOG, packs: [euros] } }), credits(7000), 0);
    expect(choices.options.map(named)).toEqual(["stay in pause", "pay as you go"]);
  });

  test("automatic upgrades end at their cap, by default what doubles the limit", () => {
    const uncovered = (automaticPacksLeft: number | null) =>
      choicesFor(termsWith({ setting: "auto_upgrade", automaticPacksLeft }), credits(20_000), 0).options[0];
    expect(uncovered(2)).toMatchObject({ uncoveredMicros: credits(12_000), total: { amountMinor: 3000 } });
    expect(uncovered(null)).toMatchObject({ uncoveredMicros: credits(8000), total: { amountMinor: 7000 } });
  });

  test("only bought packs raise the maximum", () => {
    const choices = choicesFor(
      termsWith({ setting: "pay_as_you_go", maximumMicros: credits(6500) }),
      credits(7200),
      0,
    );
    expect(overview(choices)).toEqual({
      "stay in pay_as_you_go": [1500, 700],
      "1 p1000, then pause": [2000, 200],
      "1 p1000, then pay_as_you_go": [2000, 200],
      "2 p1000, then pause": [3000, 0],
    });
  });

  test("overdraft that is booked already is never paid", () => {
    const terms = termsWith({ includedMicros: 0, setting: "pay_as_you_go", maximumMicros: credits(1200) });
    expect(choicesFor(terms, credits(1240), credits(40)).options[0]).toMatchObject({
      uncoveredMicros: 0,
      total: { amountMinor: 1000 + 200 },
    });
  });

  test("of very many packs, the first and the last counts are shown", () => {
    const choices = choicesFor(termsWith(), credits(5_006_000), 0);
    const counts = choices.options.flatMap(({ choice }) =>
      choice.kind === "packs" && choice.beyond === "pause" ? [choice.packs] : [],
    );
    expect(counts).toHaveLength(24);
    expect([counts[0], counts[11], counts[12], counts.at(-1)]).toEqual([1, 12, 4989, 5000]);
  });

  test("of a projection are compared at both ends too", () => {
    const range = { lowMicros: credits(5900), expectedMicros: credits(6100), highMicros: credits(9000) };
    const projected = projectedChoices(termsWith(), range, 0);
    expect(cheapestOf(projected.low)).toBe("stay in pause");
    expect(projected.expected.cheapest?.total.amountMinor).toBe(1100);
    expect(projected.high.neededMicros).toBe(credits(9000));
  });
});

describe("the choices of a past period", () => {
  test("show what it cost beside what it would have cost", () => {
    const added = [{ part: "automatic" as const, charge: committed(1000, 3) }];
    const past = { usedMicros: credits(8200), addedPacks: added, billedMicros: 0, denials: 0 };
    const choices = pastChoices(termsWith({ setting: "auto_upgrade" }), past);
    expect(choices.options[0]?.total.amountMinor).toBe(4000);
    expect(choices.options[0]?.limitMicros).toBe(credits(9000));
    expect(cheapestOf(choices)).toBe("pay as you go");
    expect(choices.cheapest?.total.amountMinor).toBe(1000 + 2200);
  });

  test("where uses were denied, staying did not cover the use", () => {
    const past = { usedMicros: credits(5990), addedPacks: [], billedMicros: 0, denials: 7 };
    const [stay] = pastChoices(termsWith(), past).options;
    expect(stay).toMatchObject({ covers: false, denials: 7, uncoveredMicros: 0 });
    expect(pastChoices(termsWith(), { ...past, denials: 0 }).options[0]?.covers).toBe(true);
  });
});
