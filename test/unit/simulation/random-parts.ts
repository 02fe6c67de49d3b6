/** What random commands and accounts are made of: few names, so that they meet; amounts around what matters. */
import fc from "fast-check";
import type { Budget, FeatureAccess } from "../../../shared/credits/directory.ts";
import type { OverageSetting, Terms } from "../../../shared/credits/state.ts";
import type { ChangeTerms } from "../../../shared/credits/terms.ts";
import { credits, plansOf, TERMS } from "../fixtures.ts";
import type { Amount, Shape, Who } from "./commands.ts";
import { FEATURES } from "./offer.ts";

const MINUTE_MS = 60 * 1000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const feature = fc.constantFrom(...FEATURES, "assistant" as const, "search" as const);
export const who: fc.Arbitrary<Who> = fc.record({
  feature,
  user: fc.constantFrom(undefined, "u1", "u2", "u3"),
  workflow: fc.constantFrom(undefined, undefined, "w1"),
});
export const shape = fc.constantFrom<Shape>("runs", "runs", "runs", "pages", "both");
const landmark: fc.Arbitrary<Amount> = fc.record({
  to: fc.constantFrom("available", "limit", "maximum", "packs"),
  percent: fc.constantFrom(75, 85, 90, 95, 100, 100),
  plus: fc.constantFrom(-1, 0, 0, 0, 1, credits(250)),
});
export const amount: fc.Arbitrary<Amount> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(0, 1, credits(1), credits(7.5)).map((micros) => ({ micros })) },
  { weight: 4, arbitrary: fc.nat({ max: credits(300) }).map((micros) => ({ micros })) },
  { weight: 2, arbitrary: fc.nat({ max: credits(1500) }).map((micros) => ({ micros })) },
  { weight: 4, arbitrary: landmark },
);
export const maximum = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: landmark },
  { weight: 1, arbitrary: amount },
);
export const agoMs = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: fc.integer({ min: -4 * MINUTE_MS, max: 34 * DAY_MS }) },
  { weight: 1, arbitrary: fc.constantFrom(35 * DAY_MS, 35 * DAY_MS + 1, -5 * MINUTE_MS, -5 * MINUTE_MS - 1) },
);
export const holdMs = fc.oneof(fc.integer({ min: 1, max: 2 * HOUR_MS }), fc.constant(DAY_MS));
export const recent = fc.oneof(
  { weight: 3, arbitrary: fc.nat({ max: 3 }) },
  { weight: 1, arbitrary: fc.nat({ max: 60 }) },
);
export const setting = fc.constantFrom<OverageSetting>(
  "pause",
  "auto_upgrade",
  "auto_upgrade",
  "pay_as_you_go",
);
export const percentOfHold = fc.constantFrom(undefined, 0, 50, 100, 100, 101, 110, 150, 300);
export const hold = fc.nat({ max: 4 });
export const open = fc.constantFrom(true, true, true, false);
export const seldomAgoMs = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: agoMs },
);

const anchorDate = fc.constantFrom(
  "2018-09-20",
  "2018-08-31",
  "2016-02-29",
  "2018-01-30",
  "2018-11-04",
  "2019-02-01",
);
const timeZone = fc.constantFrom(
  "UTC",
  "America/Sao_Paulo",
  "Asia/Beirut",
  "Pacific/Kiritimati",
  "America/Havana",
  "Australia/Lord_Howe",
  "Pacific/Honolulu",
);
const plans = fc.array(fc.constantFrom(0, 300, 600, 1000), { maxLength: 2 }).map((all) => plansOf(...all));
export const termPeriods = fc.constantFrom(1, 2, 3, 4, 4);
export const changeOfTerms: fc.Arbitrary<ChangeTerms> = fc.oneof(
  fc.record({ plans }),
  fc.record({ anchorDate }),
  fc.record({ timeZone }),
  fc.record(
    {
      overagePrice: fc.constantFrom(null, "0.5", "0.0077"),
      automaticPacksMax: fc.constantFrom(null, null, 0, 2, 40),
      termPeriods,
    },
    { requiredKeys: [] },
  ),
);
export const access: fc.Arbitrary<FeatureAccess | null> = fc.option(
  fc.record({
    users: fc.subarray(["u1", "u2", "u3"]),
    teams: fc.subarray(["t1", "t2"]),
  }),
);
export const budget: fc.Arbitrary<Budget> = fc
  .tuple(
    fc.constantFrom(
      { subject: "user" as const, key: "u1" },
      { subject: "user" as const, key: "u3" },
      { subject: "team" as const, key: "t1" },
      { subject: "team" as const, key: "t2" },
      { subject: "feature" as const, key: "assistant" },
      { subject: "workflow" as const, key: "w1" },
    ),
    fc.constantFrom("b1", "b2", "b3"),
    fc.oneof(fc.nat({ max: credits(800) }), fc.constantFrom(0, credits(100), credits(400))),
    fc.boolean(),
  )
  .map(([of, name, creditsMicros, hard]) => ({ ...of, budget: name, creditsMicros, hard }));
export const pack = fc.constantFrom("p1000", "p1000", "p250", "p250", "p250", "p100");

export const anyTerms: fc.Arbitrary<Terms> = fc
  .record({ anchorDate, timeZone, plans, termPeriods, currency: fc.constantFrom("USD", "USD", "EUR") })
  .map((agreed) => ({ ...TERMS, ...agreed }));

export const anyPercentages = fc.constantFrom<readonly number[]>([75, 85, 90], [50, 95], [10, 20, 30, 90]);

/** Before clocks change, before a leap day, before the last skipped midnights. */
export const anyStart = fc.constantFrom(
  "2018-09-20T15:00:00Z",
  "2019-12-30T10:00:00Z",
  "2023-12-31T23:00:00Z",
  "2024-02-29T00:30:00Z",
);
