/** One command, given to the core and to the model in the terms of each. */
import { DEFAULT_CONVERSION_TABLE } from "../../../shared/credits/conversion-tables.ts";
import { credits } from "../fixtures.ts";
import { convert } from "../model/conversions.ts";
import { correct } from "../model/corrections.ts";
import { limitAccess, pauseFeature, putBudget, putUser, removeBudget } from "../model/directory.ts";
import { release } from "../model/holds.ts";
import { buy, cancel, changeRenewal, packsShown } from "../model/packs.ts";
import { close, suspend } from "../model/periods.ts";
import { cancelPending, changeAgreement, changeCatalog, choose, grant } from "../model/settings.ts";
import { attachOutcome } from "../model/usage.ts";
import type { Command } from "./commands.ts";
import { run } from "./machine.ts";
import * as core from "./machine-calls.ts";
import { type CatalogName, catalogOf, modelCatalog } from "./offer.ts";
import { momentOf, periodAhead, resolveMaximum } from "./resolve.ts";
import { type Answers, both, newest, passTo, type Twins } from "./twins.ts";
import { capture, capturedItems, heldId, hold, newEvent, use } from "./uses.ts";

/** null: it would name something that there is not. */
export function step(twins: Twins, command: Command): Answers | null {
  const { machine, model } = twins;
  const { nowMs } = machine;
  passTo(twins, nowMs);
  const request = { key: null, content: "" };
  switch (command.kind) {
    case "use": {
      const event = newEvent(twins, command.who, command.amount, command.shape, command.agoMs);
      return use(twins, command.mode, event);
    }
    case "again": {
      const event = newest(twins.sent, command.event);
      if (event === undefined) return null;
      const other = { ...event, items: [...event.items, { action: "run", quantityMicros: credits(1) }] };
      const again = command.same ? event : other;
      return command.mode === "hold" ? hold(twins, again, credits(1)) : use(twins, command.mode, again);
    }
    case "hold": {
      const event = newEvent(twins, command.who, command.amount, command.shape, command.agoMs);
      return hold(twins, event, command.holdMs);
    }
    case "capture": {
      const id = heldId(twins, command);
      if (id === undefined) return null;
      const call = { items: capturedItems(twins, id, command.percent), overflow: command.overflow };
      twins.captures.push({ id, call });
      return capture(twins, id, call);
    }
    case "capture_again": {
      const again = newest(twins.captures, command.capture);
      return again === undefined ? null : capture(twins, again.id, again.call);
    }
    case "release": {
      const id = heldId(twins, command);
      if (id === undefined) return null;
      return both(twins, core.release(machine, id), release(model, id, nowMs));
    }
    case "correct": {
      const id = newest(twins.booked, command.entry);
      if (id === undefined) return null;
      const wanted = partOf(machine.found.get(id)?.entry?.creditsMicros ?? 0, command.percent);
      const model_ = {
        ...request,
        event: id,
        credits: wanted === null ? ("whole" as const) : BigInt(wanted),
      };
      return both(twins, core.correctEvent(machine, id, wanted), correct(model, model_, nowMs));
    }
    case "outcome": {
      const id = newest(twins.booked, command.entry);
      if (id === undefined) return null;
      const { type } = command;
      return both(twins, core.attachOutcome(machine, id, type), attachOutcome(model, id, type, nowMs));
    }
    case "buy": {
      const { pack, quantity, setting } = command;
      const maximumMicros = resolveMaximum(machine, command.maximum);
      const bought = run(machine, { kind: "buy_pack", pack, quantity, setting, maximumMicros });
      const chosen = setting === undefined ? {} : { setting };
      const limited = maximumMicros === undefined ? {} : { maximum: orNull(maximumMicros) };
      const order = { ...request, pack, packs: BigInt(quantity), ...chosen, ...limited };
      return both(twins, bought, buy(model, order, nowMs));
    }
    case "cancel": {
      const pack = newest(machine.state.packs, command.pack);
      const id = newest(packsShown(model).packs, command.pack)?.id;
      if (pack === undefined || id === undefined) return null;
      const { quantity } = command;
      const cancelled = run(machine, { kind: "cancel_pack", id: pack.id, quantity, reason: "wrong" });
      return both(twins, cancelled, cancel(model, id, nowMs, quantity === null ? "all" : BigInt(quantity)));
    }
    case "renewal": {
      const pack = newest(machine.state.packs, command.pack);
      const known = newest(packsShown(model).packs, command.pack);
      if (pack === undefined || known === undefined) return null;
      const { to, quantity } = command;
      const changed = run(machine, { kind: "change_renewal", id: pack.id, pack: to, quantity });
      const next = to ?? pack.renewal.pack;
      const wanted = { pack: next, packs: BigInt(quantity) };
      return both(twins, changed, changeRenewal(model, known.id, wanted, nowMs));
    }
    case "choose": {
      const { setting } = command;
      const maximumMicros = resolveMaximum(machine, command.maximum);
      const changed = run(machine, { kind: "change_settings", setting, maximumMicros });
      const chosen = setting === undefined ? {} : { setting };
      const limited = maximumMicros === undefined ? {} : { maximum: orNull(maximumMicros) };
      return both(twins, changed, choose(model, { ...chosen, ...limited }, nowMs));
    }
    case "cancel_pending": {
      const waits = model.pending !== null;
      const changed = run(machine, { kind: "cancel_pending_setting" });
      return waits ? both(twins, changed, cancelPending(model, nowMs)) : null;
    }
    case "terms": {
      const { plans, ...change } = command.change;
      const included = plans?.map((plan) => BigInt(plan.includedCreditsMicros));
      const agreed = { ...change, ...(included === undefined ? {} : { included }) };
      const changed = run(machine, { kind: "change_terms", change: command.change });
      return both(twins, changed, changeAgreement(model, agreed, nowMs));
    }
    case "catalog":
      sell(twins, command.name);
      return null;
    case "grant": {
      const period = periodAhead(machine, command.periodsAhead);
      const { creditsMicros } = command;
      const granted = run(machine, { kind: "add_grant", creditsMicros, period, reason: "goodwill" });
      return both(
        twins,
        granted,
        grant(model, { ...request, credits: BigInt(creditsMicros), period }, nowMs),
      );
    }
    case "convert": {
      const { size, quantity, priceMinor, termPeriods, inMs } = command;
      const price = { amountMinor: priceMinor, currency: machine.state.terms.currency };
      const creditsMicros = convertedMicros(size);
      const atMs = inMs === "at_reset" ? machine.state.period.endMs : nowMs + (inMs ?? 0);
      const effectiveAtMs = inMs === null ? null : atMs;
      const own = { size, quantity, creditsMicros, price, termPeriods, effectiveAtMs };
      const row = {
        ...request,
        size,
        packs: BigInt(quantity),
        priceMinor: BigInt(priceMinor),
        ...(termPeriods === null ? {} : { termPeriods }),
        ...(effectiveAtMs === null ? {} : { effectiveAtMs }),
      };
      return both(twins, run(machine, { kind: "convert", ...own }), convert(model, row, nowMs));
    }
    case "feature": {
      const { feature, paused } = command;
      const changed = run(machine, { kind: "change_feature", feature, paused });
      return both(twins, changed, pauseFeature(model, feature, paused, nowMs));
    }
    case "access": {
      const { feature, access } = command;
      const changed = run(machine, { kind: "change_feature", feature, access });
      return both(twins, changed, limitAccess(model, feature, access, nowMs));
    }
    case "user": {
      const { user, teams } = command;
      const changed = run(
        machine,
        teams === null ? { kind: "remove_user", user } : { kind: "put_user", user, teams },
      );
      return both(twins, changed, putUser(model, user, teams, nowMs));
    }
    case "budget": {
      const { budget, subject, key, creditsMicros, hard } = command.budget;
      const changed = run(machine, { kind: "put_budget", ...command.budget });
      const own = { budget, scope: subject, of: key, credits: BigInt(creditsMicros), hard };
      return both(twins, changed, putBudget(model, own, nowMs));
    }
    case "no_budget": {
      const { budget } = command;
      const isKnown = model.budgets.has(budget);
      const changed = run(machine, { kind: "remove_budget", budget });
      return isKnown ? both(twins, changed, removeBudget(model, budget, nowMs)) : null;
    }
    case "suspend": {
      const { suspended } = command;
      const changed = run(machine, suspended ? { kind: "suspend", reason: "unpaid" } : { kind: "resume" });
      return both(twins, changed, suspend(model, suspended, nowMs, "unpaid"));
    }
    case "close":
      return both(twins, run(machine, { kind: "close", reason: "left" }), close(model, nowMs, "left"));
    case "wait":
      passTo(twins, nowMs + command.ms);
      return null;
    case "wait_for":
      passTo(twins, Math.max(nowMs, momentOf(machine, command.what) + command.plusMs));
      return null;
  }
}

function sell({ machine, model, percentages }: Twins, name: CatalogName): void {
  const catalog = catalogOf(name, percentages);
  machine.offer = { ...machine.offer, revision: machine.offer.revision + 1, catalog };
  changeCatalog(model, modelCatalog(catalog), machine.nowMs);
}

function partOf(creditsMicros: number, percent: number | undefined): number | null {
  return percent === undefined ? null : Math.floor((creditsMicros * percent) / 100);
}

function convertedMicros(size: number): number {
  const row = DEFAULT_CONVERSION_TABLE.sizes.find((known) => known.size === size);
  if (row === undefined) throw new Error(`no conversion of ${size}`);
  return row.creditsMicros;
}

function orNull(micros: number | null): bigint | null {
  return micros === null ? null : BigInt(micros);
}
