/** The core and the model side by side, and what was given to them so far. */
import type { UsageEvent } from "../../../shared/credits/entries.ts";
import type { Terms } from "../../../shared/credits/state.ts";
import type { Capture } from "../../../shared/protocol.ts";
import { type Account, openAccount } from "../model/account.ts";
import type { Agreement } from "../model/facts.ts";
import { look } from "../model/periods.ts";
import { type Answer, coreAnswer, modelAnswer } from "./answers.ts";
import { advanceTo, type Machine, openMachine } from "./machine.ts";
import { catalogOf, modelCatalog, rateSheets } from "./offer.ts";

export interface Twins {
  readonly startMs: number;
  /** When the account's first period began. */
  readonly firstMs: number;
  readonly percentages: readonly number[];
  readonly machine: Machine;
  readonly model: Account;
  /** Every event that was sent, oldest first. */
  readonly sent: UsageEvent[];
  /** Ids that were held. */
  readonly held: string[];
  readonly captures: { readonly id: string; readonly call: Capture }[];
  /** Ids that were booked. */
  readonly booked: string[];
}

/** What both said to a command; equal, or something is wrong. */
export interface Answers {
  readonly core: Answer;
  readonly model: Answer;
}

export function openTwins(terms: Terms, percentages: readonly number[], startMs: number): Twins {
  const catalog = catalogOf("open", percentages);
  const offer = { revision: 1, catalog, rateSheets: rateSheets(startMs) };
  const machine = openMachine(terms, offer, startMs);
  return {
    startMs,
    firstMs: machine.state.period.startMs,
    percentages,
    machine,
    model: openAccount(agreementOf(terms), modelCatalog(catalog), startMs),
    sent: [],
    held: [],
    captures: [],
    booked: [],
  };
}

function agreementOf({ plans, ...terms }: Terms): Agreement {
  return { ...terms, included: plans.map((plan) => BigInt(plan.includedCreditsMicros)) };
}

/** Time passes: whatever is due happens on both sides. */
export function passTo({ machine, model }: Twins, nowMs: number): void {
  advanceTo(machine, nowMs);
  look(model, nowMs);
}

export function newest<Item>(items: readonly Item[], index: number): Item | undefined {
  return items.at(-1 - (index % Math.max(1, items.length)));
}

type CoreResult = Parameters<typeof coreAnswer>[0];
type ModelResult = Parameters<typeof modelAnswer>[0];

export function both({ model }: Twins, result: CoreResult, answer: ModelResult): Answers {
  const answers = { core: coreAnswer(result), model: modelAnswer(answer) };
  const refused = answers.core.kind === "refused" && answers.model.kind === "refused";
  if (model.closedAtMs === null || !refused) return answers;
  // Of several reasons to refuse something on a closed account any may be named.
  const closed = { kind: "refused", why: "account_closed" };
  return { core: closed, model: closed };
}
