/**
 * Usage as it might have happened: more on working days and in working hours, the same each time it is made for the
 * same account and moment.
 */
import type { Event } from "../../../shared/client/types.ts";
import { type Random, randomFrom } from "./random.ts";

export type Use =
  | "assistant"
  | "conversation"
  | "document"
  | "flow"
  | "lead"
  | "match"
  | "page"
  | "post"
  | "record";

export interface UsageHabits {
  readonly events: number;
  /** Who uses; more often who stands here more often. */
  readonly users: readonly string[];
  readonly uses: readonly Use[];
}

type Content = Pick<Event, "feature" | "items" | "workflow" | "subject" | "outcome">;

const DAY_MS = 24 * 60 * 60 * 1000;
const MINUTE_MS = 60 * 1000;
/** One in so many is done again within the hour: wasted. */
const REPEATED_ONE_IN = 30;
/** From Sunday on. */
const WEEKDAY_WEIGHTS = [1, 8, 10, 9, 10, 7, 2] as const;
const OPENS_AT = 0.3;
const OPEN_FOR = 0.45;

const CONTENTS: Readonly<Record<Use, (random: Random) => Content>> = {
  assistant: (random) => ({
    feature: "assistant",
    items: [
      { action: "input_tokens", quantity: random.integer(300, 4000) },
      { action: "output_tokens", quantity: random.integer(40, 900) },
    ],
    workflow: "help-centre",
  }),
  conversation: (random) => ({
    feature: "customer_agent",
    items: [{ action: "conversation_handled", quantity: 1 }],
    workflow: "ticket-triage",
    subject: `ticket/${random.integer(4000, 9999)}`,
    ...(random.integer(1, 10) > 6
      ? {}
      : { outcome: { type: "ticket_resolved", value: { amountMinor: 450, currency: "USD" } } }),
  }),
  document: (random) => ({
    feature: "document_reader",
    items: [{ action: "tokens_read", quantity: random.integer(2000, 45_000) }],
    workflow: "contract-review",
    subject: `document/${random.integer(100, 999)}`,
    outcome: { type: "hours_saved", quantity: 0.5, unit: "hours" },
  }),
  flow: (random) => ({
    feature: "data_agent",
    items: [{ action: "flow_actions", quantity: random.integer(2, 40) }],
    workflow: "crm-cleanup",
  }),
  lead: (random) => ({
    feature: "prospecting_agent",
    items: [{ action: "lead_researched", quantity: 1 }],
    workflow: "lead-scoring",
    subject: `lead/${random.integer(1, 900)}`,
    ...(random.integer(1, 10) > 2 ? {} : { outcome: { type: "meeting_booked" } }),
  }),
  match: (random) => ({
    feature: "meeting_scout",
    items: [{ action: "profile_matched", quantity: random.integer(1, 20) }],
  }),
  page: (random) => ({
    feature: "content_agent",
    items: [{ action: "page_processed", quantity: random.integer(1, 2) }],
    workflow: "contract-review",
  }),
  post: () => ({
    feature: "content_agent",
    items: [{ action: "post_drafted", quantity: 1 }],
    workflow: "newsletter",
  }),
  record: (random) => ({
    feature: "data_agent",
    items: [{ action: "record_enriched", quantity: random.integer(1, 6) }],
    workflow: "crm-cleanup",
    outcome: { type: "record_enriched" },
  }),
};

/** Events of `account` in the days before `untilMs`, oldest first; `name` tells them from those of other days. */
export function makeUsage(
  account: string,
  habits: UsageHabits,
  days: number,
  untilMs: number,
  name: string = account,
): readonly Event[] {
  const random = randomFrom(name);
  const times = Array.from({ length: habits.events }, () => pickTime(random, days, untilMs)).sort(
    (a, b) => a - b,
  );
  return times.flatMap((atMs, index) => {
    const id = `demo_${name}_${index + 1}`;
    const content = CONTENTS[random.pick(habits.uses)](random);
    const event = { account, id, ...content, user: random.pick(habits.users) };
    const used = { ...event, occurredAt: new Date(atMs).toISOString() };
    const againAtMs = atMs + random.integer(2, 50) * MINUTE_MS;
    const isRepeated = random.integer(1, REPEATED_ONE_IN) === 1 && content.subject !== undefined;
    if (!isRepeated || againAtMs >= untilMs) return [used];
    return [used, { ...used, id: `${id}_again`, occurredAt: new Date(againAtMs).toISOString() }];
  });
}

/**
 * A moment of working time, of today only what has passed. Takes from `random` as much each time, so that what is used
 * does not hang on the date.
 */
function pickTime(random: Random, days: number, untilMs: number): number {
  const todayMs = untilMs - (untilMs % DAY_MS);
  const passed = (untilMs - todayMs) / DAY_MS;
  const weights = Array.from({ length: days }, (_, day) => {
    const weight = WEEKDAY_WEIGHTS[new Date(todayMs - day * DAY_MS).getUTCDay()] ?? 1;
    return day === 0 ? weight * passed : weight;
  });
  let left = random.fraction() * weights.reduce((sum, weight) => sum + weight, 0);
  const timeOfDay = OPENS_AT + OPEN_FOR * (0.5 * random.fraction() + 0.5 * random.fraction());
  let day = 0;
  for (const weight of weights) {
    if (left < weight) break;
    left -= weight;
    day += 1;
  }
  return Math.floor(todayMs - day * DAY_MS + timeOfDay * DAY_MS * (day === 0 ? passed : 1));
}
