/** Each refusal of a command as a problem that names the field and the way out; one exhaustive switch. */
import { formatInstant } from "../../shared/api/common.ts";
import { CREDITS_MAX } from "../../shared/credits/amounts.ts";
import type { AccountCommand, CommandRefusal } from "../../shared/credits/execute.ts";
import type { RaisedRate } from "../../shared/credits/own-rates.ts";
import { NOTICE_DAYS } from "../../shared/credits/rate-changes.ts";
import type { AccountNotFound, IdempotencyConflict } from "../../shared/protocol.ts";
import { creditsText, numberText } from "../../shared/text.ts";
import { accountNotFound, invalidField, ProblemError } from "../ingest/http.ts";

type Kind = AccountCommand["kind"];
export type Refusal = CommandRefusal | AccountNotFound | IdempotencyConflict;

const NAMED_MAX = 20;

/** The field of a command's body that makes the limit grow. */
const GROWING_FIELDS: Partial<Record<Kind, string>> = { add_grant: "credits", change_terms: "plans" };

/** `command` is what the account was asked for. */
export function commandProblem(refusal: Refusal, account: string, command: Kind): ProblemError {
  const conflict = (detail: string) => new ProblemError(409, refusal.kind, detail);
  const missing = (detail: string) => new ProblemError(404, refusal.kind, detail);
  const field = (path: string, message: string) => invalidField(path, message, refusal.kind);
  switch (refusal.kind) {
    case "account_not_found":
      return accountNotFound(account);
    case "account_closed":
      return accountClosed(account);
    case "idempotency_conflict": {
      const detail = `Idempotency-Key "${refusal.id}" was used for something else; take a new one`;
      const path = "Idempotency-Key";
      return new ProblemError(409, refusal.kind, detail, [{ path, message: "was used for something else" }]);
    }
    case "packs_required":
      return conflict("an account without packs stays in pause; buy a pack first");
    case "overage_price_missing":
      return conflict(`no overage price in ${refusal.currency}: add one to the catalogue or to the account`);
    case "limit_too_large": {
      const path = GROWING_FIELDS[command] ?? "quantity";
      return field(path, `the limit would pass ${numberText(CREDITS_MAX)} credits, packs included`);
    }
    case "too_many":
      return conflict(`an account has at most ${numberText(refusal.max)} ${refusal.what}; remove one first`);
    case "too_many_holdings":
      return conflict(`an account has at most ${numberText(refusal.max)} packs, each of any quantity`);
    case "unknown_pack": {
      const known = namesOf(refusal.packs);
      return field(packField(command), `unknown pack "${refusal.pack}"; the catalogue has: ${known}`);
    }
    case "pack_not_on_sale":
      return field(packField(command), `"${refusal.pack}" is not on sale in ${refusal.currency}`);
    case "not_first_pack":
      return field(refusal.field, "only with the first pack; use PUT …/settings");
    case "unknown_holding":
      return missing(`no pack "${refusal.id}"; the account has: ${namesOf(refusal.holdings)}`);
    case "not_renewable":
      return conflict(`"${refusal.id}" was not bought: it ends with the term by itself`);
    case "renewal_too_large": {
      const max = `at most the ${creditsText(refusal.maxMicros)} credits that it has now`;
      return field("renewal.quantity", `a term renews to ${max}; buy more in the next term`);
    }
    case "pack_not_cancellable":
      return conflict(
        `"${refusal.id}" is of the period ${refusal.period}: only purchases and automatic upgrades of the open period can be cancelled; use DELETE to let it end with the term`,
      );
    case "quantity_too_large":
      return field("quantity", `at most ${numberText(refusal.max)}, which is what the account has of it`);
    case "unknown_period": {
      const names = `${refusal.periods.join(", ")}, …`;
      return field(
        "period",
        `no period begins on ${refusal.period}; the running one and those after: ${names}`,
      );
    }
    case "currency_differs":
      return field("price.currency", `must be ${refusal.currency}, the account's currency`);
    case "term_differs":
      return field(
        "termPeriods",
        `the account's packs share one term of ${refusal.periods} periods; leave it out`,
      );
    case "rates_in_past":
      return field("effectiveAt", `must not be before ${formatInstant(refusal.nowMs)}; leave it out for now`);
    case "notice_too_short":
      return field("effectiveAt", shortNoticeText(refusal.raised, refusal.earliestMs));
    case "unknown_rates":
      return missing(`the account has no version ${refusal.version} of own rates`);
    case "rates_in_force":
      return conflict(`version ${refusal.version} is in force already; publish another one`);
    case "directory_too_large":
      return conflict(
        `users, teams, access, budgets and own rates take at most ${numberText(refusal.maxBytes)} bytes together; remove or shorten some`,
      );
    case "account_too_large":
      return conflict(
        `packs, grants and conversions to come take at most ${numberText(refusal.maxBytes)} bytes together; buy or grant more at once`,
      );
    case "unknown_budget":
      return missing(`no budget "${refusal.budget}"`);
  }
}

/** Nothing about a closed account changes any more (2.6). */
export function accountClosed(account: string): ProblemError {
  const detail = `account "${account}" is closed: nothing changes any more; open another account`;
  return new ProblemError(409, "account_closed", detail);
}

function packField(command: Kind): string {
  return command === "change_renewal" ? "renewal.pack" : "pack";
}

function shortNoticeText(raised: readonly RaisedRate[], earliestMs: number): string {
  const names = namesOf(raised.map(({ feature, action }) => `${feature}/${action}`));
  const later = `let it take effect at ${formatInstant(earliestMs)} or later`;
  const asked = "or send shortNotice: true, which the notice to the admins says";
  return `it raises ${names}, which needs ${NOTICE_DAYS} days' notice: ${later}; ${asked}`;
}

function namesOf(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const more = names.length - NAMED_MAX;
  const shown = names.slice(0, NAMED_MAX).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}
