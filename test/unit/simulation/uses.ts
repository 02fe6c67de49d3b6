/** Events, holds and captures, given to core and model; what they cost the model is computed by a tariff of its own. */
import type { UsageEvent } from "../../../shared/credits/entries.ts";
import type { UsageItem } from "../../../shared/credits/rates.ts";
import type { Capture } from "../../../shared/protocol.ts";
import { credits } from "../fixtures.ts";
import type { UseEvent } from "../model/answers.ts";
import * as modelHolds from "../model/holds.ts";
import { check, consume, record } from "../model/usage.ts";
import type { Amount, Index, Shape, UseMode, Who } from "./commands.ts";
import * as core from "./machine-calls.ts";
import { costAt } from "./offer.ts";
import { resolveUse } from "./resolve.ts";
import { type Answers, both, newest, type Twins } from "./twins.ts";

export function newEvent(
  twins: Twins,
  { feature, user, workflow }: Who,
  wanted: Amount,
  shape: Shape,
  agoMs: number | undefined,
): UsageEvent {
  const { nowMs } = twins.machine;
  const event = {
    id: `event-${twins.sent.length + 1}`,
    feature,
    items: itemsOf(twins, feature, resolveUse(twins.machine, wanted), shape),
    ...(user === undefined ? {} : { user }),
    ...(workflow === undefined ? {} : { workflow }),
    // Not before the account's first period: nothing says what is late there.
    ...(agoMs === undefined ? {} : { occurredAtMs: Math.max(twins.firstMs, nowMs - agoMs) }),
  };
  twins.sent.push(event);
  return event;
}

/** Items that cost about so much; exactly, where they are runs. */
function itemsOf(twins: Twins, feature: string, micros: number, shape: Shape): readonly UsageItem[] {
  const run = (quantityMicros: number) => ({ action: "run", quantityMicros });
  if (shape === "runs") return [run(micros)];
  const { startMs, machine } = twins;
  const pageMicros = Number(
    costAt(startMs, machine.nowMs, feature, [{ action: "page", quantityMicros: credits(1) }]),
  );
  const pages = pageMicros === 0 ? 1 : Math.floor(micros / 2 / pageMicros);
  const page = { action: "page", quantityMicros: credits(pages) + (pages % 3) };
  return shape === "pages" ? [page] : [run(Math.floor(micros / 2)), page];
}

function modelEvent({ startMs }: Twins, event: UsageEvent, pricedAtMs: number): UseEvent {
  const { id, ...content } = event;
  const { feature, user = null, workflow = null, occurredAtMs = null, items } = event;
  const cost = costAt(startMs, pricedAtMs, feature, items);
  return { id, content: JSON.stringify(content), credits: cost, feature, user, workflow, occurredAtMs };
}

export function use(twins: Twins, mode: UseMode, event: UsageEvent): Answers {
  const { machine, model } = twins;
  const { nowMs } = machine;
  const result = core.use(machine, { mode, event });
  if (result.kind === "entry" && !result.replayed) twins.booked.push(event.id);
  // A record at the price of when it occurred, everything else at that of now (3.7).
  const pricedAtMs = mode === "record" ? Math.min(nowMs, event.occurredAtMs ?? nowMs) : nowMs;
  const own = modelEvent(twins, event, pricedAtMs);
  const run = { consume, record, check }[mode];
  return both(twins, result, run(model, own, nowMs));
}

export function hold(twins: Twins, event: UsageEvent, holdMs: number): Answers {
  const { machine, model } = twins;
  const result = core.hold(machine, { event, holdMs });
  if (result.kind === "held" && !result.replayed) twins.held.push(event.id);
  const own = modelEvent(twins, event, machine.nowMs);
  return both(twins, result, modelHolds.hold(model, own, machine.nowMs + holdMs, machine.nowMs));
}

/** Of the holds that are open, or of all that ever were. */
export function heldId(
  { machine, held }: Twins,
  { hold, open }: { hold: Index; open: boolean },
): string | undefined {
  return newest(open ? [...machine.state.holds.keys()] : held, hold);
}

export function capturedItems(
  twins: Twins,
  id: string,
  percent: number | undefined,
): readonly UsageItem[] | null {
  if (percent === undefined) return null;
  const items = twins.machine.found.get(id)?.hold?.event.items ?? [];
  return items.map(({ action, quantityMicros }) => ({
    action,
    quantityMicros: Math.floor((quantityMicros * percent) / 100),
  }));
}

export function capture(twins: Twins, id: string, call: Capture): Answers {
  const { machine, model, startMs } = twins;
  const { nowMs } = machine;
  const row = machine.found.get(id)?.hold;
  if (row === null || row === undefined) throw new Error(`${id} was never held`);
  const items = call.items ?? row.event.items;
  const content = `capture ${call.overflow} ${JSON.stringify(items)}`;
  // At the rates of the hold's time as long as it is open; later it is a new event.
  const pricedAtMs = nowMs < row.expiresAtMs ? row.atMs : nowMs;
  const cost = costAt(startMs, pricedAtMs, row.event.feature, items);
  const result = core.capture(machine, id, call);
  if (result.kind === "entry" && !result.replayed) twins.booked.push(id);
  const own = { hold: id, content, credits: cost, overflow: call.overflow };
  return both(twins, result, modelHolds.capture(model, own, nowMs));
}
