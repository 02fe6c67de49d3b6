/** Each refusal of a use as a problem that names the field and the way out; one exhaustive switch. */
import { formatInstant } from "../../shared/api/common.ts";
import { EVENTS_PER_REQUEST_MAX } from "../../shared/api/usage.ts";
import { CREDITS_MAX } from "../../shared/credits/amounts.ts";
import type { CurrencyDiffers, HoldSettled, UnknownHold, UsageRefusal } from "../../shared/protocol.ts";
import { accountNotFound, invalidField, ProblemError } from "./http.ts";

export function usageProblem(refusal: UsageRefusal, accountId: string): ProblemError {
  switch (refusal.kind) {
    case "account_not_found":
      return accountNotFound(accountId);
    case "account_closed":
      return new ProblemError(409, "account_closed", `account "${accountId}" is closed; nothing is booked`);
    case "too_many_holds": {
      const detail = `account "${accountId}" has ${refusal.max} holds open; capture or release some first`;
      return new ProblemError(409, "too_many_holds", detail);
    }
    case "no_rate_sheet":
      return new ProblemError(
        409,
        "no_rate_sheet",
        `no rate sheet was in force at ${formatInstant(refusal.atMs)}; publish one with POST /v1/rate-sheets`,
      );
    case "unknown_feature":
      return invalidField(
        "feature",
        `version ${refusal.rateVersion} of the rate sheet has no such feature`,
        "unknown_feature",
      );
    case "unknown_action":
      return invalidField(
        `items.${refusal.itemIndex}.action`,
        `no action "${refusal.action}"; the feature has ${refusal.actions.join(", ")}`,
        "unknown_action",
      );
    case "credits_too_large":
      return invalidField(
        "items",
        `the period's total would pass ${CREDITS_MAX} credits`,
        "credits_too_large",
      );
    case "occurred_too_early":
      return invalidField(
        "occurredAt",
        `at most 35 days ago, not before ${formatInstant(refusal.earliestMs)}`,
        "occurred_too_early",
      );
    case "occurred_in_future":
      return invalidField(
        "occurredAt",
        `at most 5 minutes ahead, not after ${formatInstant(refusal.latestMs)}`,
        "occurred_in_future",
      );
    case "currency_differs":
      return currencyProblem(refusal);
    case "idempotency_conflict":
      return new ProblemError(
        409,
        "idempotency_conflict",
        `"${refusal.id}" was booked with other content, or is the id of a hold; send new events under new ids`,
        [{ path: "id", message: "stands for something else already" }],
      );
    case "internal_error":
      return new ProblemError(500, "internal_error", "try again with the same id; nothing is booked twice");
  }
}

export function currencyProblem({ currency }: CurrencyDiffers): ProblemError {
  return invalidField("outcome.value.currency", `the account's currency is ${currency}`, "currency_differs");
}

/** Why a hold was not captured or released. */
export function holdProblem(
  refusal: UsageRefusal | UnknownHold | HoldSettled,
  accountId: string,
): ProblemError {
  switch (refusal.kind) {
    case "unknown_hold":
      return new ProblemError(
        404,
        "unknown_hold",
        `account "${accountId}" has no hold "${refusal.id}"; open it with POST /v1/holds`,
      );
    case "hold_settled":
      return new ProblemError(
        409,
        "hold_settled",
        `"${refusal.id}" was ${refusal.settlement} already, with other values`,
        [{ path: "id", message: refusal.settlement }],
      );
    default:
      return usageProblem(refusal, accountId);
  }
}

/** Refuses a batch of more events than one request may carry. */
export function refuseTooManyEvents(events: number): void {
  if (events <= EVENTS_PER_REQUEST_MAX) return;
  throw new ProblemError(
    413,
    "too_many_events",
    `events: ${events} were sent; send at most ${EVENTS_PER_REQUEST_MAX} at once`,
    [{ path: "events", message: `at most ${EVENTS_PER_REQUEST_MAX}` }],
  );
}
