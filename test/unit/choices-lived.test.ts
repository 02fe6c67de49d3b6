/** Choices of any account (rules, 10.6): each option against an account that makes that choice and uses its credits. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Catalog, CatalogPack } from "../../shared/credits/catalog.ts";
import { amountMinor } from "../../shared/credits/money.ts";
import { overageAmountMinor } from "../../shared/credits/overage-invoice.ts";
import { figures } from "../../shared/credits/reset.ts";
import { type AccountState, automaticPacksLeft, type OverageSetting } from "../../shared/credits/state.ts";
import { openAccount } from "../../shared/credits/terms.ts";
import type { Choice, ChoiceTerms } from "../../shared/reports/choice-cost.ts";
import { choicesFor } from "../../shared/reports/choices.ts";
import { bought, CATALOG, changed, credits, decide, NOW, packOf, plansOf, RESET, TERMS } from "./fixtures.ts";
import { PATIENT, runs } from "./property.ts";

const USD = "USD";

/** Small packs, so that an account can be run credit by credit. */
const anyPacks = fc
  .uniqueArray(fc.constantFrom(3, 7, 10, 25, 40), { minLength: 1, maxLength: 3 })
  .chain((sizes) =>
    fc.tuple(
      ...sizes.map((size) =>
        fc
          .record({ price: fc.nat({ max: 3000 }), upgrade: fc.boolean() })
          .map(({ price, upgrade }) =>
            packOf(size, { prices: [{ amountMinor: price, currency: USD }], upgrade }),
          ),
      ),
    ),
  );

const anyCase = fc
  .record({
    packs: anyPacks,
    overage: fc.constantFrom("0", "0.010", "0.333333", "1.005", "7.5"),
    included: fc.nat({ max: 40 }),
    owned: fc.array(fc.record({ index: fc.nat(), quantity: fc.integer({ min: 1, max: 3 }) }), {
      maxLength: 2,
    }),
    setting: fc.constantFrom<OverageSetting>("pause", "auto_upgrade", "pay_as_you_go"),
    maximum: fc.option(fc.integer({ min: 1, max: 200 })),
    cap: fc.option(fc.nat({ max: 6 })),
    used: fc.nat({ max: 150 }),
  })
  .map((given) => ({
    ...given,
    catalog: { ...CATALOG, packs: given.packs, overageRates: [{ currency: USD, price: given.overage }] },
  }));
type Case = typeof anyCase extends fc.Arbitrary<infer Value> ? Value : never;

/** The account as it stands before anything is used. */
function accountOf({ catalog, included, owned, setting, maximum, cap }: Case): AccountState {
  const terms = { ...TERMS, plans: plansOf(included), automaticPacksMax: cap };
  let state = openAccount(terms, catalog, NOW);
  for (const [index, { index: at, quantity }] of owned.entries()) {
    const pack = packAt(catalog, at).pack;
    const first = { setting, maximumMicros: maximum === null ? null : credits(maximum) };
    state = bought(state, { pack, quantity, ...(index === 0 ? first : {}) }, catalog).state;
  }
  return state;
}

function packAt({ packs }: Catalog, at: number): CatalogPack {
  const pack = packs[at % packs.length];
  if (pack === undefined) throw new Error("no packs");
  return pack;
}

function termsOf(state: AccountState, given: Case): ChoiceTerms {
  return {
    currency: USD,
    includedMicros: credits(given.included),
    committedPacks: state.packs,
    setting: state.setting,
    maximumMicros: state.maximumMicros,
    overagePrice: given.overage,
    automaticPacksLeft: automaticPacksLeft(state, given.catalog),
    catalog: given.catalog,
  };
}

/** The account after the choice was made; nothing is used, so it takes effect at once. */
function choose(state: AccountState, choice: Choice, catalog: Catalog): AccountState {
  switch (choice.kind) {
    case "stay":
      return state;
    case "pay_as_you_go":
      return changed(state, { setting: "pay_as_you_go" }, catalog).state;
    case "packs": {
      const buying = { pack: choice.pack, quantity: choice.packs };
      if (state.packs.length === 0)
        return bought(state, { ...buying, setting: choice.beyond }, catalog).state;
      return changed(bought(state, buying, catalog).state, { setting: choice.beyond }, catalog).state;
    }
  }
}

/** Uses one credit after another, and closes: what it cost, and how many credits were denied. */
function live(start: AccountState, used: number, catalog: Catalog) {
  let [state, denied] = [start, 0];
  for (let use = 0; use < used; use += 1) {
    const decision = decide(state, 1, { catalog });
    if (decision.kind === "credits_too_large") throw new Error(decision.kind);
    if (decision.kind === "denied") denied += 1;
    state = decision.state;
  }
  const closed = figures(state, RESET);
  return [closed.packsAmountMinor + overageAmountMinor(closed), denied, closed.limitMicros];
}

describe("any choices", () => {
  test("cost and cover what an account that makes the choice pays and gets", PATIENT, () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const state = accountOf(given);
        const { options } = choicesFor(termsOf(state, given), credits(given.used), 0);
        for (const { choice, total, uncoveredMicros, limitMicros } of options) {
          const lived = live(choose(state, choice, given.catalog), given.used, given.catalog);
          expect([total.amountMinor, uncoveredMicros / credits(1), limitMicros]).toEqual(lived);
        }
      }),
      runs(150),
    );
  });

  test("have lines that multiply and add up, with the committed packs in each", PATIENT, () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const state = accountOf(given);
        for (const { lines, total } of choicesFor(termsOf(state, given), credits(given.used), 0).options) {
          for (const line of lines) {
            expect(amountMinor(line.quantityMicros, line.unitPrice, USD)).toBe(line.amountMinor);
          }
          expect(lines.reduce((sum, line) => sum + line.amountMinor, 0)).toBe(total.amountMinor);
          const kept = lines.filter(({ part }) => part === "committed");
          expect(kept.map(({ pack, quantityMicros }) => [pack, quantityMicros])).toEqual(
            state.packs.map(({ pack, quantity }) => [pack, credits(quantity)]),
          );
        }
      }),
      runs(300),
    );
  });

  test("name the cheapest of those that cover, and no count of packs is cheaper", PATIENT, () => {
    fc.assert(
      fc.property(anyCase, fc.integer({ min: 1, max: 60 }), (given, times) => {
        const state = accountOf(given);
        const terms = termsOf(state, given);
        const used = credits(given.used * times);
        const { options, cheapest } = choicesFor(terms, used, 0);
        const totals = options.filter(({ covers }) => covers).map(({ total }) => total.amountMinor);
        expect(cheapest?.total.amountMinor ?? null).toBe(totals.length === 0 ? null : Math.min(...totals));
        expect(options.every(({ covers, uncoveredMicros }) => covers === (uncoveredMicros === 0))).toBe(true);
        if (cheapest === null || terms.maximumMicros !== null) return;
        // Between the counts that are listed only rounding moves: of the amount, and of the last 10 credits.
        const isListed = given.packs.every((pack) => used <= pack.creditsMicros * 24);
        const slack = isListed ? 0 : 1 + Math.ceil(10 * 100 * Number(given.overage));
        const best = Math.min(...given.packs.map((pack) => cheapestByTrial(state, pack, given, used)));
        expect(cheapest.total.amountMinor).toBeLessThanOrEqual(best + slack);
      }),
      runs(300),
    );
  });
});

/** The least that any count of one pack costs, with the rest paid as it goes. */
function cheapestByTrial(state: AccountState, pack: CatalogPack, given: Case, usedMicros: number): number {
  const owned = state.packs.reduce((sum, { creditsMicros, quantity }) => sum + creditsMicros * quantity, 0);
  const paid = state.packs.reduce((sum, { price, quantity }) => sum + price.amountMinor * quantity, 0);
  const limit = credits(given.included) + owned;
  const price = pack.prices[0]?.amountMinor ?? 0;
  let best = Number.POSITIVE_INFINITY;
  for (let count = state.packs.length === 0 ? 1 : 0; ; count += 1) {
    const over = usedMicros - limit - count * pack.creditsMicros;
    const tens = Math.floor(Math.max(0, over) / credits(10));
    best = Math.min(best, paid + count * price + amountMinor(tens * credits(10), given.overage, USD));
    if (over <= 0) return best;
  }
}
