/** Using credits (rules, section 3). */
import { accountPath, at, Calls } from "./calls.ts";
import type {
  AttachedOutcome,
  AttachOutcome,
  CaptureDecision,
  CaptureHold,
  CorrectEvent,
  CorrectedEvent,
  Decision,
  Event,
  EventFate,
  EventResult,
  Held,
  HoldDecision,
  OpenHold,
  UsageMode,
} from "./types.ts";

export class UsageCalls extends Calls {
  /** What `consume` would answer, with the price; books nothing. */
  check(event: Event): Promise<Decision> {
    return this.post("/v1/check", event);
  }

  /** Allows the event and books it, or denies it and books nothing. */
  consume(event: Event): Promise<Decision> {
    return this.post("/v1/consume", event);
  }

  /** Up to 1,000 events of any accounts; a result for each, in their order. `record` unless said otherwise. */
  async events(events: readonly Event[], mode: UsageMode = "record"): Promise<readonly EventResult[]> {
    const answer = await this.post<{ results: readonly EventResult[] }>("/v1/events", { mode, events });
    return answer.results;
  }

  /** Reserves credits for an event whose cost is not known yet, or denies it and reserves nothing. */
  hold(event: OpenHold): Promise<HoldDecision> {
    return this.post("/v1/holds", event);
  }

  /** Books what was really used of a hold; denied, nothing is booked and the hold stays open. */
  capture(account: string, id: string, used: CaptureHold = {}): Promise<CaptureDecision> {
    return this.post(`${holdPath(id)}/capture`, { account, ...used });
  }

  /** Gives a hold's credits back. */
  release(account: string, id: string): Promise<Held> {
    return this.post(`${holdPath(id)}/release`, { account });
  }

  readHold(account: string, id: string): Promise<Held> {
    return this.get(holdPath(id), { account });
  }

  /** What became of an event's id. */
  event(account: string, id: string): Promise<EventFate> {
    return this.get(at`/v1/accounts/${account}/events/${id}`);
  }

  /** Reverses an event once per `idempotencyKey`; all that is left of it, unless `credits` says less. */
  correct(
    account: string,
    body: CorrectEvent,
    idempotencyKey: string = crypto.randomUUID(),
  ): Promise<CorrectedEvent> {
    return this.postOnce(`${accountPath(account)}/corrections`, body, idempotencyKey);
  }

  /** An event has one outcome, sent with it or attached here. */
  attachOutcome(account: string, body: AttachOutcome): Promise<AttachedOutcome> {
    return this.post(`${accountPath(account)}/outcomes`, body);
  }
}

function holdPath(id: string): string {
  return at`/v1/holds/${id}`;
}
