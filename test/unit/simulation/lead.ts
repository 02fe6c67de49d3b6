/** Leads core and model through a sequence of commands and compares after each step all that anybody may see. */
import { deepStrictEqual } from "node:assert/strict";
import type { Terms } from "../../../shared/credits/state.ts";
import type { Command } from "./commands.ts";
import { beforeOf, type Coverage, cover } from "./coverage.ts";
import {
  type Billing,
  coreDocuments,
  modelDocuments,
  openBilling,
  overdueToBeFinal,
  settle,
} from "./documents.ts";
import { sentence } from "./notices.ts";
import {
  coreBalance,
  coreClosed,
  coreStanding,
  modelBalance,
  modelClosed,
  modelStanding,
} from "./standing.ts";
import { step } from "./steps.ts";
import { openTwins, type Twins } from "./twins.ts";

export interface Sequence {
  readonly terms: Terms;
  readonly percentages: readonly number[];
  readonly start: string;
  readonly commands: readonly Command[];
}

/** Throws where the two differ. */
export function lead({ terms, percentages, start, commands }: Sequence, coverage: Coverage): void {
  const twins = openTwins(terms, percentages, Date.parse(start));
  const billing = openBilling();
  const seen = { notices: 0, facts: 0, charges: 0, closed: 0 };
  for (const [index, command] of commands.entries()) {
    const before = beforeOf(twins.machine);
    const answers = step(twins, command);
    if (answers !== null) deepStrictEqual(answers.core, answers.model);
    cover(coverage, twins.machine, command, answers?.core ?? null, before);
    compareStanding(twins, seen);
    compareNotices(twins, seen);
    compareDocuments(twins, billing, seen);
    if (index % BALANCE_EVERY === 0 || index === commands.length - 1) compareBalance(twins);
  }
}

const BALANCE_EVERY = 10;

function compareBalance({ machine, model }: Twins): void {
  deepStrictEqual(coreBalance(machine), modelBalance(model));
}

interface Seen {
  notices: number;
  facts: number;
  charges: number;
  closed: number;
}

function compareStanding({ machine, model }: Twins, seen: Seen): void {
  deepStrictEqual(coreStanding(machine), modelStanding(model));
  if (machine.closed.length + model.closed.length === seen.closed) return;
  deepStrictEqual(machine.closed.map(coreClosed), model.closed.map(modelClosed));
  seen.closed = machine.closed.length + model.closed.length;
}

function compareNotices({ machine, model }: Twins, seen: Seen): void {
  deepStrictEqual(machine.notices.slice(seen.notices).map(sentence), model.told.slice(seen.notices));
  seen.notices = machine.notices.length;
}

function compareDocuments({ machine, model }: Twins, billing: Billing, seen: Seen): void {
  if (machine.facts.length === seen.facts && model.charges.length === seen.charges) return;
  settle(billing, machine.facts);
  deepStrictEqual(coreDocuments(billing), modelDocuments(model));
  deepStrictEqual(overdueToBeFinal(billing, machine.nowMs), []);
  seen.facts = machine.facts.length;
  seen.charges = model.charges.length;
}
