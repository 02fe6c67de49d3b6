/**
 * The account: one Durable Object per account, which decides every use, purchase and setting, books each exactly
 * once, and answers after the write is durable (the platform holds replies back until then). Each method asks the
 * rules in shared/credits and commits what they say; nothing is awaited between the decision and its commit.
 */
import { DurableObject } from "cloudflare:workers";
import { balanceOf, summarise } from "../../shared/credits/balance.ts";
import type { Offer } from "../../shared/credits/catalog.ts";
import { makeEntry } from "../../shared/credits/entries.ts";
import { type ChangeTerms, changeTerms, limitFits } from "../../shared/credits/reset.ts";
import {
  type BuyPack,
  buyPack,
  type ChangeSettings,
  cancelPendingSetting,
  changeSettings,
} from "../../shared/credits/settings.ts";
import type { AccountState, Terms } from "../../shared/credits/state.ts";
import type {
  AccountApi,
  AccountNotFound,
  AccountReport,
  AccountView,
  Acknowledgement,
  CallContext,
  DueFacts,
  EventFate,
  LimitTooLarge,
  Opened,
  SettingsResult,
  SettingsView,
  TermsView,
  UsageCall,
  UsageResult,
} from "../../shared/protocol.ts";
import type { Env } from "../env.ts";
import { loadOffer } from "../offer.ts";
import { isOpen } from "./checkpoint.ts";
import { DayCache } from "./day.ts";
import { type Decided, decideCall } from "./decide.ts";
import { Dispatch } from "./dispatch.ts";
import { type Change, Ledger } from "./ledger.ts";

const NOT_FOUND: AccountNotFound = { kind: "account_not_found" };

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
    if (!isOpen(context.storage.sql)) return;
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
    rollOver(account, nowMs);
    const decided = decideCall(ledger, call, nowMs);
    switch (decided.kind) {
      case "booked":
        return this.#book(account, call, decided, nowMs);
      case "denied":
        if (call.mode !== "check") this.#deny(account, call, decided);
        return {
          kind: "denied",
          reason: decided.reason,
          resolve: decided.resolve,
          creditsMicros: decided.quote.creditsMicros,
          ...answered(ledger),
        };
      case "quoted":
        return {
          kind: "quoted",
          creditsMicros: decided.quote.creditsMicros,
          upgrade: decided.upgrade,
          ...answered(ledger),
        };
      case "replayed":
        return {
          kind: "allowed",
          replayed: true,
          entry: decided.entry,
          ...answered(ledger),
        };
      case "idempotency_conflict":
        return { kind: "idempotency_conflict", id: call.event.id };
      default:
        return decided;
    }
  }

  #book(
    account: OpenAccount,
    call: UsageCall,
    decided: Extract<Decided, { kind: "booked" }>,
    nowMs: number,
  ): UsageResult {
    const { ledger } = account;
    const { period, terms } = ledger.state;
    const entry = makeEntry(call.event, {
      seq: decided.state.usage.seq,
      period: period.name,
      periodStartMs: period.startMs,
      mode: decided.mode,
      nowMs,
      day: this.#days.dayOf(call.event.occurredAtMs ?? nowMs, terms.timeZone),
      quote: decided.quote,
      overdraftMicros: decided.overdraftMicros,
      wouldDeny: decided.wouldDeny,
      upgrade: decided.upgrade,
    });
    commit(account, { state: decided.state, entry, notices: decided.notices });
    return { kind: "allowed", replayed: false, entry, ...answered(ledger) };
  }

  #deny(account: OpenAccount, call: UsageCall, decided: Extract<Decided, { kind: "denied" }>): void {
    const { ledger, dispatch } = account;
    if (decided.state !== ledger.state) commit(account, { state: decided.state, notices: decided.notices });
    dispatch.denied({
      day: this.#days.dayOf(ledger.now(), ledger.state.terms.timeZone),
      feature: call.event.feature,
      action: call.event.items[0]?.action ?? "",
      reason: decided.reason,
      denials: 1,
    });
  }

  async view(context: CallContext): Promise<AccountView | AccountNotFound> {
    const account = await this.#ready(context);
    return account === null ? NOT_FOUND : viewOf(account.ledger);
  }

  async report(context: CallContext): Promise<AccountReport | AccountNotFound> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    // A copy: calls that continue in the same turn change the journal's own before the answer is on its way.
    return { ...viewOf(account.ledger), tail: [...account.ledger.journal.tail] };
  }

  async fate(eventId: string, context: CallContext): Promise<EventFate | AccountNotFound> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    const entry = account.ledger.journal.find(eventId);
    return entry === null ? { kind: "unknown" } : { kind: "booked", entry };
  }

  async buyPack(
    command: BuyPack,
    idempotencyKey: string | null,
    context: CallContext,
  ): Promise<SettingsResult> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    const { ledger } = account;
    const { pack, quantity, setting = null, maximumMicros = null } = command;
    const content = JSON.stringify(["buy_pack", pack, quantity, setting, maximumMicros]);
    const known = idempotencyKey === null ? null : ledger.findCommand(idempotencyKey);
    if (idempotencyKey !== null && known !== null) {
      return known.content === content
        ? { ...settingsOf(ledger), bought: JSON.parse(known.answer), replayed: true }
        : { kind: "idempotency_conflict", id: idempotencyKey };
    }
    const { catalog } = ledger.offer;
    const change = buyPack(ledger.state, command, catalog, ledger.now());
    if (change.kind !== "changed") return change;
    const { state, notices, bought } = change;
    const remembered =
      idempotencyKey === null ? undefined : { key: idempotencyKey, content, answer: JSON.stringify(bought) };
    commit(account, { state, notices, command: remembered });
    return { ...settingsOf(ledger), bought };
  }

  async changeSettings(command: ChangeSettings, context: CallContext): Promise<SettingsResult> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    const { ledger } = account;
    const change = changeSettings(ledger.state, command, ledger.offer.catalog, ledger.now());
    if (change.kind !== "changed") return change;
    commit(account, { state: change.state, notices: change.notices });
    return settingsOf(ledger);
  }

  async cancelPendingSetting(context: CallContext): Promise<SettingsResult> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    const { ledger } = account;
    if (ledger.state.pendingSetting !== null) commit(account, { state: cancelPendingSetting(ledger.state) });
    return settingsOf(ledger);
  }

  async changeTerms(
    change: ChangeTerms,
    context: CallContext,
  ): Promise<TermsView | LimitTooLarge | AccountNotFound> {
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    if (!limitFits(account.ledger.state, change)) return { kind: "limit_too_large" };
    commit(account, { state: changeTerms(account.ledger.state, change) });
    return termsOf(account.ledger.state);
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
    const account = await this.#ready(context);
    if (account === null) return NOT_FOUND;
    const { ledger } = account;
    if (ledger.testClockNowMs === null) throw new Error("this account follows real time");
    if (toMs > ledger.testClockNowMs) commit(account, { state: ledger.state, testClockNowMs: toMs });
    rollOver(account, ledger.now());
    return dueOf(ledger);
  }

  async acknowledge(acknowledgement: Acknowledgement): Promise<void> {
    this.#open?.dispatch.acknowledged(acknowledgement);
  }

  async flush(): Promise<void> {
    await this.#open?.dispatch.ship(true);
  }

  override async alarm(): Promise<void> {
    await this.#open?.dispatch.alarmRang();
  }

  /** The open account with the newest offer, after any reset that is due; null where nobody opened it. */
  async #ready(context: CallContext): Promise<OpenAccount | null> {
    const account = this.#open;
    if (account === null) return null;
    await this.#refreshOffer(account.ledger, context.offerRevision);
    rollOver(account, account.ledger.now());
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

function commit({ ledger, dispatch }: OpenAccount, change: Change): void {
  dispatch.committed(ledger.commit(change));
}

function rollOver({ ledger, dispatch }: OpenAccount, nowMs: number): void {
  const committed = ledger.rollOver(nowMs);
  if (committed !== null) dispatch.committed(committed);
}

function answered(ledger: Ledger) {
  return { balance: summarise(ledger.state, ledger.offer.catalog), nowMs: ledger.now() };
}

function viewOf(ledger: Ledger): AccountView {
  const { state, offer, journal, shipping } = ledger;
  return {
    kind: "view",
    nowMs: ledger.now(),
    terms: state.terms,
    balance: balanceOf(state, offer.catalog),
    noticePercentages: offer.catalog.noticePercentages,
    acknowledgedSeq: journal.acknowledgedSeq,
    lastSeq: state.usage.seq,
    notices: shipping.notices,
  };
}

function settingsOf({ state, offer }: Ledger): SettingsView {
  return { kind: "settings", balance: balanceOf(state, offer.catalog), bought: null, replayed: false };
}

function termsOf(state: AccountState): TermsView {
  return {
    kind: "terms",
    terms: state.terms,
    pendingTerms: state.pendingTerms,
    resetAtMs: state.period.endMs,
  };
}

function dueOf(ledger: Ledger): DueFacts {
  return { kind: "due", facts: ledger.shipping.facts, periodEndsAtMs: ledger.state.period.endMs };
}
