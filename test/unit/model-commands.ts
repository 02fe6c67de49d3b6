/** What may happen to an account, at random: every command of it that the property of model.test.ts leads it through. */
import fc from "fast-check";
import type { Catalog } from "../../shared/credits/catalog.ts";
import type { ChangeTerms } from "../../shared/credits/reset.ts";
import type { BuyPack } from "../../shared/credits/settings.ts";
import type { OverageSetting, Terms } from "../../shared/credits/state.ts";
import type { UsageMode } from "../../shared/credits/usage.ts";
import { CATALOG, credits, packOf, plansOf, TERMS } from "./fixtures.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

function prices(amountMinor: number) {
  return [
    { amountMinor, currency: "USD" },
    { amountMinor: amountMinor * 2, currency: "EUR" },
  ];
}

/** What the operator sells, at different times: the smallest pack upgrades, a marked one does, none is on sale. */
export const CATALOGS = {
  open: { ...CATALOG, packs: [packOf(1000, { prices: prices(1000) }), packOf(250, { prices: prices(300) })] },
  marked: {
    ...CATALOG,
    packs: [packOf(1000, { prices: prices(900), upgrade: true }), packOf(250, { prices: prices(250) })],
    overageRates: [
      { currency: "USD", price: "0.02" },
      { currency: "EUR", price: "0.03" },
    ],
    automaticPacksMax: 3,
  },
  closed: {
    ...CATALOG,
    packs: [packOf(1000, { prices: [] }), packOf(250, { prices: [] })],
    overageRates: [],
  },
} satisfies Record<string, Catalog>;

/** An amount of credits, or what is missing to a landmark of the account and some micro-credits more or less. */
export type Amount =
  | { readonly micros: number }
  | { readonly to: "available" | "limit" | "maximum"; readonly percent: number; readonly plus: number };

export type Command =
  | { readonly kind: "use"; readonly mode: UsageMode; readonly amount: Amount }
  | { readonly kind: "buy"; readonly command: BuyPack }
  | {
      readonly kind: "choose";
      readonly setting: OverageSetting | undefined;
      readonly maximum: Amount | null | undefined;
    }
  | { readonly kind: "terms"; readonly change: ChangeTerms }
  | { readonly kind: "hold"; readonly amount: number }
  | { readonly kind: "catalog"; readonly name: keyof typeof CATALOGS }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "wait_for_reset"; readonly plusMs: number };

const setting = fc.constantFrom<OverageSetting>("pause", "auto_upgrade", "pay_as_you_go");
const few = fc.constantFrom(0, 1, 500_000, credits(1), credits(7.5));
const amount: fc.Arbitrary<Amount> = fc.oneof(
  { weight: 1, arbitrary: few.map((micros) => ({ micros })) },
  { weight: 3, arbitrary: fc.nat({ max: credits(400) }).map((micros) => ({ micros })) },
  { weight: 1, arbitrary: fc.nat({ max: credits(4000) }).map((micros) => ({ micros })) },
  {
    weight: 3,
    arbitrary: fc.record({
      to: fc.constantFrom("available", "limit", "maximum"),
      percent: fc.constantFrom(75, 85, 90, 100),
      plus: fc.constantFrom(-1, 0, 0, 1, credits(250)),
    }),
  },
);
const maximum = fc.oneof(fc.constant(null), amount);
const anchorDate = fc.constantFrom("2018-09-20", "2018-08-31", "2018-01-29", "2018-11-04", "2019-02-01");
const timeZone = fc.constantFrom(
  "UTC",
  "America/Sao_Paulo",
  "Asia/Beirut",
  "Pacific/Kiritimati",
  "America/Havana",
  "Australia/Lord_Howe",
);
const included = fc.constantFrom(0, 500, 1000, 2500);
const plans = fc.array(included, { maxLength: 2 }).map((amounts) => plansOf(...amounts));

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("use"),
      mode: fc.constantFrom<UsageMode>("consume", "consume", "record"),
      amount,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("buy"),
      command: fc.record(
        {
          pack: fc.constantFrom("p1000", "p250", "p250", "p7"),
          quantity: fc.constantFrom(1, 1, 3),
          setting,
          maximumMicros: fc.constantFrom(null, credits(500), credits(1200), credits(3000)),
        },
        { requiredKeys: ["pack", "quantity"] },
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("buy"),
      command: fc.record({ pack: fc.constantFrom("p1000", "p250"), quantity: fc.constant(1) }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("choose"),
      setting: fc.option(setting, { nil: undefined }),
      maximum: fc.option(maximum, { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("terms"),
      change: fc.record(
        {
          plans,
          anchorDate,
          timeZone,
          overagePrice: fc.constantFrom(null, "0.5"),
          automaticPacksMax: fc.constantFrom(null, 0, 2),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("hold"), amount: fc.constantFrom(0, 0, credits(40)) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("catalog"),
      name: fc.constantFrom("open", "open", "marked", "closed"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait"), ms: fc.nat({ max: 100 * DAY_MS }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("wait_for_reset"), plusMs: fc.constantFrom(-1, 0, 1) }),
  },
);

export const anyPercentages = fc.constantFrom<readonly number[]>([75, 85, 90], [50, 95]);

export const anyTerms: fc.Arbitrary<Terms> = fc
  .record({ anchorDate, timeZone, plans, currency: fc.constantFrom("USD", "USD", "EUR") })
  .map((agreed) => ({ ...TERMS, ...agreed }));
