/** How often each thing happened in all sequences: a property about nothing proves nothing. */
import type { UsageEntry } from "../../../shared/credits/entries.ts";
import { rateSheetAt } from "../../../shared/credits/rates.ts";
import { DENIAL_REASONS } from "../../../shared/credits/usage.ts";
import type { Answer } from "./answers.ts";
import type { Command } from "./commands.ts";
import type { Machine } from "./machine.ts";

export type Coverage = Map<string, number>;

/** What was known before a command. */
export interface Before {
  readonly state: Machine["state"];
  readonly notices: number;
  readonly facts: number;
}

export function beforeOf({ state, notices, facts }: Machine): Before {
  return { state, notices: notices.length, facts: facts.length };
}

/** Counts what a command did. */
export function cover(
  coverage: Coverage,
  machine: Machine,
  command: Command,
  answer: Answer | null,
  before: Before,
): void {
  const did = [
    ...(answer === null ? [] : answerDid(command, answer)),
    ...(answer?.kind === "booked" ? entryDid(machine, answer) : []),
    ...machine.notices.slice(before.notices).map((notice) => `told ${notice.kind}`),
    ...factsDid(machine, before),
  ];
  for (const what of did) coverage.set(what, (coverage.get(what) ?? 0) + 1);
}

function answerDid(command: Command, answer: Answer): readonly string[] {
  const name = "mode" in command ? command.mode : command.kind;
  const again = command.kind === "again" ? "again: " : "";
  const base = `${again}${name} ${outcomeOf(answer)}`;
  if (answer.kind !== "corrected") return [base];
  return [
    base,
    ...(answer.overdraft === 0n ? [] : ["overdraft corrected"]),
    ...(answer.creditMinor === 0n ? [] : ["money owed for a correction"]),
  ];
}

function outcomeOf(answer: Answer): string {
  if (answer.kind === "denied") return `denied ${answer.reason}`;
  if (answer.kind === "refused") return `refused ${answer.why}`;
  return answer.replayed === true ? `${answer.kind} before` : answer.kind;
}

function entryDid({ entries, offer, nowMs }: Machine, { replayed, upgrade }: Answer): readonly string[] {
  const entry = entries.at(-1);
  const rateNow = rateSheetAt(offer.rateSheets, nowMs)?.version;
  if (replayed === true || entry === undefined) return [];
  return [
    ...(entry.mode === "record" && entry.overdraftMicros !== undefined ? ["overdraft of a record"] : []),
    ...(entry.wouldDeny === undefined ? [] : [`would deny ${entry.wouldDeny}`]),
    ...(entry.late === true ? ["booked late"] : []),
    ...(entry.items.length > 1 ? ["several items"] : []),
    ...(entry.rateVersion > 1 ? ["at a later rate"] : []),
    ...(upgrade !== null ? ["upgraded"] : []),
    ...((entry.upgrade?.packs ?? 0) > 1 ? ["upgraded by several packs"] : []),
    ...(entry.hold === undefined ? [] : captureDid(entry, entry.hold, rateNow)),
  ];
}

function captureDid(
  entry: UsageEntry,
  { heldMicros, atMs }: NonNullable<UsageEntry["hold"]>,
  rateNow: number | undefined,
): readonly string[] {
  const { creditsMicros, overdraftMicros, upgrade, wouldDeny } = entry;
  const part = creditsMicros > heldMicros ? "above its hold" : "within its hold";
  return [
    `captured ${part}`,
    ...(overdraftMicros === undefined ? [] : [`overdraft of a capture ${part}`]),
    ...(upgrade === undefined ? [] : [`upgraded by a capture ${part}`]),
    ...(wouldDeny === undefined ? [] : ["captured above as a record that would be denied"]),
    ...(atMs < Date.parse(entry.period) ? ["captured after a reset"] : []),
    ...(rateNow === entry.rateVersion ? [] : ["captured at an earlier rate"]),
  ];
}

function factsDid({ state, facts }: Machine, before: Before): readonly string[] {
  const fresh = facts.slice(before.facts);
  const closed = fresh.filter((fact) => fact.kind === "period_closed").map((fact) => fact.closed);
  const { pendingSetting, pendingTerms, holds } = before.state;
  return [
    ...fresh.map((fact) => (fact.kind === "packs_charged" ? `charged ${fact.cause}` : fact.kind)),
    ...closed.filter(({ billedMicros }) => billedMicros > 0).map(() => "overage billed"),
    ...closed.filter(({ overdraftMicros }) => overdraftMicros > 0).map(() => "closed with overdraft"),
    ...closed.filter(({ heldMicros }) => heldMicros > 0).map(() => "held across a reset"),
    ...(closed.length > 1 ? ["several periods closed at once"] : []),
    ...(closed.length > 2 ? ["three or more periods closed at once"] : []),
    ...(closed.length > 0 && pendingSetting !== null ? ["a setting waited for the reset"] : []),
    ...(closed.length > 0 && pendingTerms !== null ? ["terms waited for the reset"] : []),
    ...(holds.size > state.holds.size + 1 ? ["several holds ended at once"] : []),
  ];
}

const MODES = ["consume", "check", "hold", "capture"];

/** Each of these has to happen in the sequences of a run, or the property says nothing about it. */
export const REQUIRED: readonly string[] = [
  ...MODES.flatMap((mode) => DENIAL_REASONS.map((reason) => `${mode} denied ${reason}`)).filter(
    // A hold buys no packs.
    (what) => what !== "hold denied upgrade_cap_reached",
  ),
  ...DENIAL_REASONS.map((reason) => `would deny ${reason}`),
  ...["consume", "record", "check"].map((mode) => `again: ${mode} booked before`),
  ...["consume", "record", "hold"].map((mode) => `again: ${mode} refused idempotency_conflict`),
  ...["consume booked", "record booked", "hold held", "capture booked", "release released"],
  ...["again: hold held before", "again: record booked", "capture booked before", "release released before"],
  ...["capture refused idempotency_conflict", "capture refused occurred_at_too_old"],
  ...["consume", "record", "hold"].map((mode) => `${mode} refused occurred_at_too_old`),
  ...["consume", "record", "hold"].map((mode) => `${mode} refused occurred_at_in_future`),
  ...["record", "hold", "buy", "terms"].map((mode) => `${mode} refused account_closed`),
  ...[
    "captured within its hold",
    "captured above its hold",
    "captured after a reset",
    "captured at an earlier rate",
  ],
  ...["overdraft of a capture within its hold", "overdraft of a capture above its hold"],
  ...["upgraded by a capture within its hold", "upgraded by a capture above its hold"],
  ...["captured above as a record that would be denied", "overdraft of a record", "booked late"],
  ...["several items", "at a later rate", "upgraded", "upgraded by several packs"],
  ...["correct corrected", "correct refused exceeds_entry", "overdraft corrected"],
  ...["money owed for a correction", "outcome attached", "outcome refused outcome_exists"],
  ...["buy changed", "buy refused not_first_pack", "buy refused pack_not_on_sale"],
  ...["cancel changed", "cancel refused not_of_open_period", "cancel refused more_than_there_are"],
  ...["renewal changed", "renewal refused not_smaller", "renewal refused pack_not_on_sale"],
  ...["choose changed", "choose refused packs_required", "choose refused overage_price_missing"],
  ...["cancel_pending changed", "terms changed", "grant changed", "grant refused unknown_period"],
  ...["convert changed", "convert refused term_differs", "budget changed", "no_budget changed"],
  ...["feature changed", "access changed", "user changed", "suspend changed", "close changed"],
  ...["period_closed", "charge_final", "charge_cancelled", "overage_corrected", "account_closed"],
  ...["purchase", "upgrade", "renewal", "conversion"].map((cause) => `charged ${cause}`),
  ...["overage billed", "closed with overdraft", "held across a reset", "several holds ended at once"],
  ...["several periods closed at once", "three or more periods closed at once"],
  ...["a setting waited for the reset", "terms waited for the reset"],
  ...["usage_threshold", "limit_passed", "maximum_reached", "automatic_upgrade", "upgrade_unavailable"].map(
    (kind) => `told ${kind}`,
  ),
  ...["setting_changed", "setting_waiting", "maximum_raised", "feature_paused", "feature_resumed"].map(
    (kind) => `told ${kind}`,
  ),
  ...["term_ending", "packs_ended", "credits_expiring", "budget_threshold", "usage_report"].map(
    (kind) => `told ${kind}`,
  ),
  ...["account_suspended", "account_resumed", "account_closed", "grant_added"].map((kind) => `told ${kind}`),
];
