/** Accounts as answers: the profile from D1, the terms from the account. */
import type { z } from "@hono/zod-openapi";
import type { accountSchema } from "../../shared/api/accounts.ts";
import { formatInstant } from "../../shared/api/common.ts";
import { formatMicros } from "../../shared/credits/amounts.ts";
import type { Plan } from "../../shared/credits/state.ts";
import type { TermsView } from "../../shared/protocol.ts";
import type { AccountRow } from "./terms.ts";

/** What D1 keeps of an account and nothing but the operator changes. */
export function accountRowAnswer(row: AccountRow) {
  return {
    account: row.accountId,
    mode: row.mode,
    name: row.profile.name,
    currency: row.terms.currency,
    testClock: row.testClockId,
    createdAt: formatInstant(row.createdAtMs),
  };
}

export function accountAnswer(row: AccountRow, view: TermsView): z.infer<typeof accountSchema> {
  const { terms } = view;
  const { invoicePrefix, buyer, netDays, tax, creditOwner, hourlyValue } = row.profile;
  return {
    ...accountRowAnswer(row),
    status: view.status,
    plans: terms.plans.map(planAnswer),
    anchorDate: terms.anchorDate,
    timeZone: terms.timeZone,
    overagePrice: terms.overagePrice,
    automaticPacksMax: terms.automaticPacksMax,
    termPeriods: terms.termPeriods,
    invoicePrefix,
    buyer: { ...buyer, taxIds: [...buyer.taxIds] },
    netDays,
    tax,
    creditOwner,
    hourlyValue: hourlyValue === null ? null : { ...hourlyValue },
    pending: pendingAnswer(view),
  };
}

export function planAnswer({ plan, includedCreditsMicros }: Plan) {
  return { plan, includedCredits: formatMicros(includedCreditsMicros) };
}

function pendingAnswer({ pendingTerms, resetAtMs }: TermsView) {
  if (pendingTerms === null) return null;
  const { plans, ...rest } = pendingTerms;
  return {
    ...rest,
    ...(plans === undefined ? {} : { plans: plans.map(planAnswer) }),
    effectiveAt: formatInstant(resetAtMs),
  };
}
