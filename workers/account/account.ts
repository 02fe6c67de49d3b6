/**
 * The account: one Durable Object per account, which decides every use, purchase and setting, books each exactly
 * once, and answers after the write is durable (the platform holds replies back until then). Each method asks the
 * rules in shared/credits and commits what they say; nothing is awaited between the decision and its commit.
 */
import { DurableObject } from "cloudflare:workers";
import type { Offer } from "../../shared/credits/catalog.ts";
import { budgetUsage, matchesBudget } from "../../shared/credits/directory.ts";
import type { PutBudget } from "../../shared/credits/directory-changes.ts";
import type { Step } from "../../shared/credits/effects.ts";
import { type Booking, makeEntry, type UsageEvent } from "../../shared/credits/entries.ts";
import { type AccountCommand, type Circumstances, execute } from "../../shared/credits/execute.ts";
import type { Terms } from "../../shared/credits/state.ts";
import { nextDueMs } from "../../shared/credits/timeline.ts";
import type { DeniedUse } from "../../shared/credits/usage.ts";
import type {
  AccountApi,
  AccountNotFound,
  AccountReport,
  AccountView,
  Acknowledgement,
  CallContext,
  Capture,
  CaptureResult,
  CommandReport,
  CommandResult,
  CorrectCall,
  CorrectResult,
  Denied,
  DueFacts,
  EventFate,
  Explained,
  Held,
  HoldCall,
  HoldResult,
  KeyedCommand,
  Opened,
  OutcomeCall,
  OutcomeResult,
  ReleaseResult,
  TermsView,
  UnknownHold,
  UsageCall,
  UsageResult,
} from "../../shared/protocol.ts";
import type { Env } from "../env.ts";
import { loadOffer } from "../offer.ts";
import { attach, correct } from "./amend.ts";
import { answered, doneOf, dueOf, fateOf, holdAsOf, reportOf, termsOf, viewOf } from "./answers.ts";
import { isOpen } from "./checkpoint.ts";
import { DayCache } from "./day.ts";
import { decideCall, type Priced } from "./decide.ts";
import { Dispatch } from "./dispatch.ts";
import { decideCapture, decideHold, decideRelease } from "./hold-calls.ts";
import { type Change, Ledger } from "./ledger.ts";
import { answerAgain, rehearse } from "./rehearse.ts";
import { isOld, upgradeTables } from "./upgrade-tables.ts";

const NOT_FOUND: AccountNotFound = { kind: "account_not_found" };
/** So long the first call after a period's end waits for prices. */
const RENEWAL_PRICES_WAIT_MS = 1000;
/** Where a caller does not say who acts. */
const OPERATOR = "operator";

interface OpenAccount {
  readonly ledger: Ledger;
  readonly dispatch: Dispatch;
}

export class Account extends DurableObject<Env> implements AccountApi {
  readonly #days = new DayCache();
  #open: OpenAccount | null = null;
  #offerLoading: Promise<Offer> | null = null;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    const { storage } = context;
    if (!isOpen(storage.sql)) return;
    if (isOld(storage.sql)) storage.transactionSync(() => upgradeTables(storage.sql));
    const ledger = new Ledger(context.storage);
    context.blockConcurrencyWhile(async () => {
      const armedAtMs = await context.storage.getAlarm();
      this.#open = { ledger, dispatch: new Dispatch(context, env, ledger, armedAtMs) };
    });
  }

  async open(
    terms: Terms,
    testClockNowMs: number | null,
    _context: CallContext,
  ): Promise<Opened | { readonly kind: "terms_differ" }> {
    const accountKey = this.ctx.id.name;
    if (accountKey === undefined) throw new Error("an account is addressed by its name");
    const offer = this.#open === null ? await loadOffer(this.env.DB, testClockNowMs ?? Date.now()) : null;
    // Another call may have opened it while the offer was on its way.
    if (offer !== null && this.#open === null) {
      const ledger = Ledger.open(this.ctx.storage, accountKey, terms, testClockNowMs, offer);
      this.#open = { ledger, dispatch: new Dispatch(this.ctx, this.env, ledger, null) };
      return { kind: "opened", created: true, terms, periodEndsAtMs: ledger.state.period.endMs };
    }
    const state = this.#open?.ledger.state;
    if (state === undefined || JSON.stringify(state.terms) !== JSON.stringify(terms)) {
      return { kind: "terms_differ" };
    }
    return { kind: "opened", created: false, terms, periodEndsAtMs: state.period.endMs };
  }

  async use(calls: readonly UsageCall[], context: CallContext): Promise<readonly UsageResult[]> {
    const account = await this.#ready(context);
    if (account === null) return calls.map(() => NOT_FOUND);
    return calls.map((call) => {
      try {
        return this.#useOne(account, call);
      } catch (error) {
        console.error("an event could not be decided", error);
        return { kind: "internal_error" };
      }
    });
  }

  #useOne(account: OpenAccount, call: UsageCall): UsageResult {
    const { ledger } = account;
    // One time for the whole decision: the clock may pass the period's end between two calls of a batch.
    const nowMs = ledger.now();
    advanceTo(account, nowMs);
    const decided = decideCall(ledger, call, nowMs);
    switch (decided.kind) {
      case "booked": {
        const { mode, wouldDeny, overdraftMicros, upgrade, teams } = decided;
        const entry = this.#entryOf(ledger, call.event, decided, nowMs, {
          mode,
          wouldDeny,
          overdraftMicros,
          upgrade,
          teams,
          hold: null,
        });
        commit(account, { ...effectsOf(decided), entry, hold: decided.expiredHold });
        return { kind: "allowed", replayed: false, entry, ...answered(ledger) };
      }
      case "denied":
        if (call.mode !== "check") this.#denied(account, call.event, decided);
        return denial(ledger, decided);
      case "quoted":
        return {
          kind: "quoted",
          creditsMicros: decided.quote.creditsMicros,
          upgrade: decided.upgrade,
          ...answered(ledger),
        };
      case "replayed":
        return { kind: "allowed", replayed: true, entry: decided.entry, ...answered(ledger) };
      case "idempotency_conflict":
        return { kind: "idempotency_conflict", id: call.event.id };
      default:
        return decided;
    }
  }

  #entryOf(
    ledger: Ledger,
    event: UsageEvent,
    { state, ...priced }: Priced & Pick<Change, "state">,
    nowMs: number,
    how: Pick<Booking, "mode" | "overdraftMicros" | "wouldDeny" | "upgrade" | "teams" | "hold">,
  ) {
    const { period, terms } = ledger.state;
    return makeEntry(event, {
      seq: state.usage.seq,
      period: period.name,
      periodStartMs: period.startMs,
      nowMs,
      day: this.#days.dayOf(event.occurredAtMs ?? nowMs, terms.timeZone),
      quote: priced.quote,
      accountRatesVersion: priced.accountRatesVersion,
      ...how,
    });
  }

  #denied(account: OpenAccount, event: UsageEvent, decided: DeniedUse): void {
    const { ledger, dispatch } = account;
    if (decided.state !== ledger.state) commit(account, effectsOf(decided));
    dispatch.denied({
      day: this.#days.dayOf(ledger.now(), ledger.state.terms.timeZone),
      feature: event.feature,
      action: event.items[0]?.action ?? "",
      reason: decided.reason,
      denials: 1,
    });
  }

  async hold(call: HoldCall, context: CallContext): Promise<HoldResult> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    const { ledger } = account;
    const nowMs = ledger.now();
    advanceTo(account, nowMs);
    const decided = decideHold(ledger, call, nowMs);
    switch (decided.kind) {
      case "held":
        commit(account, { ...effectsOf(decided), hold: decided.row });
        return { kind: "held", replayed: false, hold: decided.row, entry: null, ...answered(ledger) };
      case "known": {
        const { entry } = decided;
        const hold = holdAsOf(decided.hold, ledger.state, nowMs);
        return { kind: "held", replayed: true, hold, entry, ...answered(ledger) };
      }
      case "replayed":
        return { kind: "allowed", replayed: true, entry: decided.entry, ...answered(ledger) };
      case "denied":
        this.#denied(account, call.event, decided);
        return denial(ledger, decided);
      default:
        return decided;
    }
  }

  async capture(holdId: string, capture: Capture, context: CallContext): Promise<CaptureResult> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    const { ledger } = account;
    const nowMs = ledger.now();
    advanceTo(account, nowMs);
    const decided = decideCapture(ledger, holdId, capture, nowMs);
    switch (decided.kind) {
      case "captured": {
        const { hold, event, wouldDeny, overdraftMicros, upgrade, teams } = decided;
        const entry = this.#entryOf(ledger, event, decided, nowMs, {
          mode: "consume",
          wouldDeny,
          overdraftMicros,
          upgrade,
          teams,
          hold: { heldMicros: hold.heldMicros, atMs: hold.atMs },
        });
        commit(account, { ...effectsOf(decided), entry, hold });
        return { kind: "captured", replayed: false, hold, entry, ...answered(ledger) };
      }
      case "replayed": {
        const { hold, entry } = decided;
        return { kind: "captured", replayed: true, hold, entry, ...answered(ledger) };
      }
      case "denied": {
        const event = ledger.journal.find(holdId)?.hold?.event;
        if (event !== undefined) this.#denied(account, event, decided);
        return denial(ledger, decided);
      }
      default:
        return decided;
    }
  }

  async release(holdId: string, context: CallContext): Promise<ReleaseResult> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    const { ledger } = account;
    const nowMs = ledger.now();
    advanceTo(account, nowMs);
    const decided = decideRelease(ledger, holdId, ledger.journal.find(holdId), nowMs);
    switch (decided.kind) {
      case "released":
        commit(account, { state: decided.state, hold: decided.hold });
        return { kind: "held", replayed: false, hold: decided.hold, entry: null, ...answered(ledger) };
      case "known": {
        const hold = holdAsOf(decided.hold, ledger.state, nowMs);
        return { kind: "held", replayed: true, hold, entry: null, ...answered(ledger) };
      }
      default:
        return decided;
    }
  }

  async readHold(holdId: string, context: CallContext): Promise<Held | UnknownHold | AccountNotFound> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    const { ledger } = account;
    const found = ledger.journal.find(holdId);
    if (found === null || found.hold === null) return { kind: "unknown_hold", id: holdId };
    const hold = holdAsOf(found.hold, ledger.state, ledger.now());
    return { kind: "held", replayed: false, hold, entry: found.entry, ...answered(ledger) };
  }

  async view(context: CallContext): Promise<AccountView | AccountNotFound> {
    const account = await this.#ready(context);
    return account === null ? NOT_FOUND : viewOf(account.ledger);
  }

  async report(context: CallContext): Promise<AccountReport | AccountNotFound> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    return reportOf(account.ledger);
  }

  async fate(eventId: string, context: CallContext): Promise<EventFate | AccountNotFound> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    return fateOf(account.ledger, account.ledger.journal.find(eventId));
  }

  async explain(eventId: string, context: CallContext): Promise<Explained | AccountNotFound> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    const { ledger } = account;
    return { ...reportOf(ledger), fate: fateOf(ledger, ledger.journal.find(eventId)) };
  }

  async execute(
    command: AccountCommand,
    idempotencyKey: string | null,
    context: CallContext,
  ): Promise<CommandResult> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    const done = this.#executeOne(account, { command, idempotencyKey }, context);
    return done.kind === "done" ? doneOf(account.ledger, done.value, done.replayed) : done;
  }

  async executeAll(
    commands: readonly KeyedCommand[],
    dryRun: boolean,
    context: CallContext,
  ): Promise<readonly CommandReport[]> {
    const account = await this.#ready(context);
    if (account === null) return commands.map(() => NOT_FOUND);
    if (dryRun) return rehearse(account.ledger, commands, circumstances(account.ledger, context));
    return commands.map((command) => this.#executeOne(account, command, context));
  }

  #executeOne(account: OpenAccount, { command, idempotencyKey }: KeyedCommand, context: CallContext) {
    const { ledger } = account;
    const content = JSON.stringify(command);
    const known = idempotencyKey === null ? null : ledger.findCommand(idempotencyKey);
    if (idempotencyKey !== null && known !== null) return answerAgain(known, content, idempotencyKey);
    // One time for all of it: the clock may pass the period's end meanwhile.
    const given = circumstances(ledger, context);
    advanceTo(account, given.nowMs);
    const result = execute(ledger.state, command, given);
    if (result.kind !== "changed") return result;
    const answer = JSON.stringify(result.value);
    // A file of conversions may be sent again at any time (11).
    const forGood = command.kind === "convert";
    const remembered =
      idempotencyKey === null ? undefined : { key: idempotencyKey, content, answer, forGood };
    if (result.state !== ledger.state || remembered !== undefined) {
      commit(account, { ...effectsOf(result), ...closedBy(result.facts), command: remembered });
    }
    return { kind: "done" as const, value: result.value, replayed: false };
  }

  async correct(
    call: CorrectCall,
    idempotencyKey: string | null,
    context: CallContext,
  ): Promise<CorrectResult> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    const { ledger } = account;
    const { eventId, creditsMicros, reason } = call;
    const content = JSON.stringify(["correct", eventId, creditsMicros, reason]);
    const known = idempotencyKey === null ? null : ledger.findCommand(idempotencyKey);
    if (idempotencyKey !== null && known !== null) {
      return known.content === content
        ? { kind: "corrected", replayed: true, ...JSON.parse(known.answer), ...answered(ledger) }
        : { kind: "idempotency_conflict", id: idempotencyKey };
    }
    const day = this.#days.dayOf(ledger.now(), ledger.state.terms.timeZone);
    const corrected = correct(ledger, call, context.actor ?? OPERATOR, day);
    if (corrected.kind !== "correcting") return corrected;
    const { change, answer } = corrected;
    const command =
      idempotencyKey === null ? undefined : { key: idempotencyKey, content, answer: JSON.stringify(answer) };
    commit(account, { ...change, command });
    return { kind: "corrected", replayed: false, ...answer, ...answered(ledger) };
  }

  async attachOutcome(call: OutcomeCall, context: CallContext): Promise<OutcomeResult> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    const { ledger } = account;
    const day = this.#days.dayOf(ledger.now(), ledger.state.terms.timeZone);
    const attached = attach(ledger, call, day);
    switch (attached.kind) {
      case "attaching":
        commit(account, attached.change);
        return { kind: "attached", replayed: false, ...attached.answer, ...answered(ledger) };
      case "known":
        return { kind: "attached", replayed: true, ...attached.answer, ...answered(ledger) };
      default:
        return attached;
    }
  }

  async terms(context: CallContext): Promise<TermsView | AccountNotFound> {
    const account = await this.#ready(context);
    return account === null ? NOT_FOUND : termsOf(account.ledger.state);
  }

  async due(context: CallContext): Promise<DueFacts | AccountNotFound> {
    const account = await this.#ready(context);
    return account === null ? NOT_FOUND : dueOf(account.ledger);
  }

  async advanceClock(toMs: number, context: CallContext): Promise<DueFacts | AccountNotFound> {
    const account = await this.#ready(context, toMs);
    if (account === null) return NOT_FOUND;
    const { ledger } = account;
    if (ledger.testClockNowMs === null) throw new Error("this account follows real time");
    // As real time would: each thing happens at its own time, and is told by itself.
    for (let dueMs = nextDueMs(ledger.state); dueMs < toMs; dueMs = nextDueMs(ledger.state)) {
      setClock(account, dueMs);
    }
    setClock(account, toMs);
    return dueOf(ledger);
  }

  async acknowledge(acknowledgement: Acknowledgement): Promise<void> {
    this.#open?.dispatch.acknowledged(acknowledgement);
  }

  async flush(): Promise<void> {
    await this.#open?.dispatch.ship(true);
  }

  override async alarm(): Promise<void> {
    const account = this.#open;
    if (account === null) return;
    await account.dispatch.alarmRang(async () => {
      if (account.ledger.wakeAtMs > Date.now()) return;
      await this.#loadOffer(account.ledger);
      advanceTo(account, account.ledger.now());
    });
  }

  /**
   * The open account with the newest offer, after any reset that is due; null where nobody opened it. `toMs`: the time
   * that its clock is moved to.
   */
  async #ready(context: CallContext, toMs = 0): Promise<OpenAccount | null> {
    const account = this.#open;
    if (account === null) return null;
    const { ledger } = account;
    const { period, closedAtMs } = ledger.state;
    const isResetDue = closedAtMs === null && period.endMs <= Math.max(ledger.now(), toMs);
    // Prices of renewals are those of now, whatever the caller has heard of them.
    if (isResetDue) await within(this.#loadOffer(ledger), RENEWAL_PRICES_WAIT_MS);
    await this.#refreshOffer(ledger, context.offerRevision);
    advanceTo(account, ledger.now());
    return account;
  }

  /** A look at D1 that began before the caller learned of its revision may miss it: then once more. */
  async #refreshOffer(ledger: Ledger, revision: number): Promise<void> {
    if (revision <= ledger.offer.revision) return;
    const beganBefore = this.#offerLoading !== null;
    await this.#loadOffer(ledger);
    if (beganBefore && revision > ledger.offer.revision) await this.#loadOffer(ledger);
  }

  /** Calls that find the offer outdated share one look at D1. Without D1 the account decides with what it has. */
  async #loadOffer(ledger: Ledger): Promise<void> {
    this.#offerLoading ??= loadOffer(this.env.DB, ledger.now()).finally(() => {
      this.#offerLoading = null;
    });
    try {
      ledger.useOffer(await this.#offerLoading);
    } catch (error) {
      console.warn("the newest offer could not be read", error);
    }
  }
}

/** Waits, but not for longer. */
async function within(done: Promise<void>, ms: number): Promise<void> {
  const { promise: tooLong, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([done, tooLong]);
  clearTimeout(timer);
}

function commit({ ledger, dispatch }: OpenAccount, change: Change): void {
  dispatch.committed(ledger.commit(change));
}

/** Lets happen what fell due. */
function advanceTo({ ledger, dispatch }: OpenAccount, nowMs: number): void {
  const committed = ledger.advance(nowMs);
  if (committed !== null) dispatch.committed(committed);
}

function setClock(account: OpenAccount, toMs: number): void {
  const { ledger } = account;
  if (ledger.testClockNowMs !== null && toMs > ledger.testClockNowMs) {
    commit(account, { state: ledger.state, testClockNowMs: toMs });
  }
  advanceTo(account, ledger.now());
}

function circumstances(ledger: Ledger, { actor }: CallContext): Circumstances {
  return {
    offer: ledger.offer,
    nowMs: ledger.now(),
    actor: actor ?? OPERATOR,
    usedBy: (budget) => usedBy(ledger, budget),
  };
}

function effectsOf({ state, notices, facts, audit }: Step): Step {
  return { state, notices, facts, audit };
}

/** The period that a command closed, to be remembered for corrections. */
function closedBy(facts: Change["facts"]): Pick<Change, "closed"> {
  return { closed: (facts ?? []).flatMap((fact) => (fact.kind === "period_closed" ? [fact.closed] : [])) };
}

function denial(ledger: Ledger, { reason, budget, resolve, quote }: DeniedUse & Priced): Denied {
  return { kind: "denied", reason, budget, resolve, creditsMicros: quote.creditsMicros, ...answered(ledger) };
}

/** What a budget's subject has used since the period's start (9.3); another budget of it has counted that already. */
function usedBy({ state, journal }: Ledger, budget: PutBudget): number {
  const { subject, key } = budget;
  const counted = state.directory.budgets.find((known) => known.subject === subject && known.key === key);
  if (counted !== undefined) return budgetUsage(state.usage, counted.budget).usedMicros;
  let usedMicros = 0;
  for (const entry of journal.containing(state.period.seqBefore, JSON.stringify(budget.key))) {
    if (matchesBudget(budget, entry)) usedMicros += entry.creditsMicros;
  }
  return usedMicros;
}
