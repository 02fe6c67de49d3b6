/** Random commands. The weights are such that every region of the rules is reached (coverage.ts). */
import fc from "fast-check";
import { credits } from "../fixtures.ts";
import type { Command } from "./commands.ts";
import {
  access,
  agoMs,
  amount,
  budget,
  changeOfTerms,
  DAY_MS,
  feature,
  HOUR_MS,
  hold,
  holdMs,
  maximum,
  open,
  pack,
  percentOfHold,
  recent,
  seldomAgoMs,
  setting,
  shape,
  termPeriods,
  who,
} from "./random-parts.ts";

function weighted(weights: readonly (readonly [number, fc.Arbitrary<Command>])[]): fc.Arbitrary<Command> {
  return fc.oneof(...weights.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

function command<Kind extends Command["kind"]>(
  kind: Kind,
  fields: {
    [Key in keyof Omit<Extract<Command, { kind: Kind }>, "kind">]-?: fc.Arbitrary<
      Extract<Command, { kind: Kind }>[Key]
    >;
  },
): fc.Arbitrary<Command> {
  const drawn = fc.record(fields as Record<string, fc.Arbitrary<unknown>>);
  return drawn.map((values) => ({ kind, ...values }) as Command);
}

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });

/** All but closing the account. */
export const anyCommand: fc.Arbitrary<Command> = weighted([
  [24, command("use", { mode: fc.constantFrom("consume", "consume", "record"), who, amount, shape, agoMs })],
  [2, command("use", { mode: fc.constant("check"), who, amount, shape, agoMs })],
  [
    3,
    command("again", {
      mode: fc.constantFrom("consume", "record", "check", "hold"),
      event: recent,
      same: fc.constantFrom(true, true, true, false),
    }),
  ],
  [8, command("hold", { who, amount, shape, agoMs: seldomAgoMs, holdMs })],
  [
    7,
    command("capture", {
      hold,
      open,
      percent: percentOfHold,
      overflow: fc.constantFrom("consume", "record"),
    }),
  ],
  [1, command("capture_again", { capture: fc.nat({ max: 4 }) })],
  [2, command("release", { hold, open })],
  [
    7,
    command("correct", {
      entry: recent,
      percent: fc.constantFrom(undefined, undefined, 0, 10, 50, 50, 100, 120),
    }),
  ],
  [2, command("outcome", { entry: recent, type: fc.constantFrom("solved", "solved", "booked") })],
  [
    5,
    command("buy", {
      pack,
      quantity: fc.constantFrom(1, 1, 1, 2, 4),
      setting: fc.constant(undefined),
      maximum: fc.constant(undefined),
    }),
  ],
  [
    2,
    command("buy", {
      pack,
      quantity: fc.constantFrom(1, 2),
      setting: maybe(setting),
      maximum: maybe(maximum),
    }),
  ],
  [2, command("cancel", { pack: fc.nat({ max: 4 }), quantity: fc.constantFrom(null, null, 1, 2) })],
  [
    2,
    command("renewal", {
      pack: fc.nat({ max: 4 }),
      to: maybe(pack),
      quantity: fc.constantFrom(0, 0, 1, 1, 2, 4),
    }),
  ],
  [4, command("choose", { setting: maybe(setting), maximum: fc.constant(undefined) })],
  [3, command("choose", { setting: fc.constant(undefined), maximum })],
  [1, command("cancel_pending", {})],
  [3, command("terms", { change: changeOfTerms })],
  [
    2,
    command("catalog", {
      name: fc.constantFrom("open", "open", "open", "marked", "marked", "free", "closed"),
    }),
  ],
  [
    2,
    command("grant", {
      creditsMicros: fc.constantFrom(credits(5), credits(100), credits(400)),
      periodsAhead: fc.constantFrom<number | "closed">(0, 0, 1, 2, "closed"),
    }),
  ],
  [
    1,
    command("convert", {
      size: fc.constantFrom(100, 1000),
      quantity: fc.constantFrom(1, 2),
      priceMinor: fc.constantFrom(0, 500),
      termPeriods: fc.option(termPeriods),
      inMs: fc.oneof(fc.constantFrom(null, "at_reset" as const), fc.nat({ max: 50 * DAY_MS })),
    }),
  ],
  [2, command("feature", { feature, paused: fc.constantFrom(true, false, false, false, false) })],
  [
    2,
    command("access", {
      feature,
      access: fc.oneof(fc.constant(null), fc.constant(null), fc.constant(null), access),
    }),
  ],
  [
    2,
    command("user", { user: fc.constantFrom("u1", "u2", "u3"), teams: fc.option(fc.subarray(["t1", "t2"])) }),
  ],
  [3, command("budget", { budget })],
  [1, command("no_budget", { budget: fc.constantFrom("b1", "b2", "b3") })],
  [2, command("suspend", { suspended: fc.constantFrom(true, ...Array<false>(9).fill(false)) })],
  [
    5,
    command("wait", {
      ms: fc.oneof(fc.nat({ max: 2 * HOUR_MS }), fc.nat({ max: 2 * DAY_MS }), fc.nat({ max: 20 * DAY_MS })),
    }),
  ],
  [
    6,
    command("wait_for", {
      what: fc.constantFrom<"due" | 1 | 2 | 3 | 4>(...Array<"due">(9).fill("due"), 1, 1, 2, 3, 4),
      plusMs: fc.constantFrom(-1, 0, 0, 1),
    }),
  ],
]);
