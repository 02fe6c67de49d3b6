/** Why an event was not corrected, or got no outcome, as problems that say the way out. */
import { formatMicros } from "../../shared/credits/amounts.ts";
import type { CorrectResult, OutcomeResult, UnknownEvent } from "../../shared/protocol.ts";
import { accountNotFound, invalidField, ProblemError } from "./http.ts";
import { currencyProblem } from "./refusals.ts";

function unknownEvent(
  { eventId }: UnknownEvent,
  accountId: string,
  occurredOn: string | undefined,
): ProblemError {
  const where =
    occurredOn === undefined
      ? "; for one from long ago say on which day it occurred, with occurredOn"
      : ` on ${occurredOn}`;
  const detail = `account "${accountId}" booked no event "${eventId}"${where}`;
  return new ProblemError(404, "unknown_event", detail);
}

/** `occurredOn` is where the caller said to look for the event. */
export function correctionProblem(
  refusal: Exclude<CorrectResult, { kind: "corrected" }>,
  accountId: string,
  occurredOn: string | undefined,
): ProblemError {
  switch (refusal.kind) {
    case "account_not_found":
      return accountNotFound(accountId);
    case "unknown_event":
      return unknownEvent(refusal, accountId, occurredOn);
    case "correction_too_large": {
      const left = formatMicros(refusal.maxMicros);
      return invalidField("credits", `${left} credits of the event are left to reverse`, refusal.kind);
    }
    case "not_correctable":
      return new ProblemError(
        409,
        refusal.kind,
        `"${refusal.eventId}" is a correction or an outcome itself; only events are corrected`,
      );
    case "period_forgotten":
      return new ProblemError(
        409,
        refusal.kind,
        `the figures of the period of "${refusal.eventId}" are no longer kept`,
      );
    case "idempotency_conflict":
      return new ProblemError(
        409,
        refusal.kind,
        `Idempotency-Key "${refusal.id}" was used for something else; take a new one`,
      );
  }
}

export function outcomeProblem(
  refusal: Exclude<OutcomeResult, { kind: "attached" }>,
  accountId: string,
  occurredOn: string | undefined,
): ProblemError {
  switch (refusal.kind) {
    case "account_not_found":
      return accountNotFound(accountId);
    case "unknown_event":
      return unknownEvent(refusal, accountId, occurredOn);
    case "currency_differs":
      return currencyProblem(refusal);
    case "outcome_exists":
      return new ProblemError(
        409,
        refusal.kind,
        `"${refusal.eventId}" has another outcome already; an event has one`,
      );
  }
}
