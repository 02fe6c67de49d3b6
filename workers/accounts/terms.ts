/** From the body that opens an account to its terms and profile, with the defaults that depend on id and time. */
import type { z } from "@hono/zod-openapi";
import type { AccountProfile, createAccountSchema } from "../../shared/api/accounts.ts";
import type { Catalog } from "../../shared/credits/catalog.ts";
import { localDay } from "../../shared/credits/period.ts";
import type { Plan, Terms } from "../../shared/credits/state.ts";
import type { accounts } from "../../shared/db/schema.ts";
import { ProblemError } from "../ingest/http.ts";

export type CreateAccount = z.infer<typeof createAccountSchema>;
export type AccountRow = typeof accounts.$inferSelect;

const INVOICE_PREFIX_LENGTH_MAX = 20;

/** Plans with the credits that the catalogue includes now; names those it does not have (422). */
export function resolvePlans(planIds: readonly string[], catalog: Catalog): readonly Plan[] {
  const plans: Plan[] = [];
  const errors: { path: string; message: string }[] = [];
  for (const [index, planId] of planIds.entries()) {
    const known = catalog.plans.find((plan) => plan.plan === planId);
    if (known === undefined) errors.push({ path: `plans.${index}`, message: `unknown plan "${planId}"` });
    else plans.push({ plan: planId, includedCreditsMicros: known.includedCreditsMicros });
  }
  if (errors.length === 0) return plans;
  const unknown = errors.map((error) => `${error.path}: ${error.message}`).join("; ");
  const known = catalog.plans.map((plan) => plan.plan).join(", ") || "none";
  throw new ProblemError(422, "unknown_plan", `${unknown}; the catalogue has: ${known}`, errors);
}

export function newTerms(body: CreateAccount, catalog: Catalog, nowMs: number): Terms {
  return {
    anchorDate: body.anchorDate ?? localDay(nowMs, body.timeZone),
    timeZone: body.timeZone,
    currency: body.currency,
    plans: resolvePlans(body.plans, catalog),
    overagePrice: body.overagePrice,
    automaticPacksMax: body.automaticPacksMax,
    termPeriods: body.termPeriods,
  };
}

export function newProfile(body: CreateAccount): AccountProfile {
  const name = body.name ?? body.account;
  const prefix = body.account.toUpperCase().replace(/[^A-Z0-9]/g, "");
  return {
    name,
    invoicePrefix: body.invoicePrefix ?? prefix.slice(0, INVOICE_PREFIX_LENGTH_MAX),
    buyer: body.buyer ?? { name, address: "", taxIds: [], purchaseOrder: null },
    netDays: body.netDays,
    tax: body.tax,
    creditOwner: body.creditOwner,
    hourlyValue: body.hourlyValue,
  };
}

/**
 * Whether the body asks for the account as it is. An anchor date that was not given is today's, which says nothing
 * on another day; plans are compared by name, since the catalogue may include other credits by now.
 */
export function sameAccount(body: CreateAccount, row: AccountRow): boolean {
  const asked = {
    terms: { ...body, anchorDate: body.anchorDate ?? row.terms.anchorDate },
    profile: newProfile(body),
    testClockId: body.testClock ?? null,
  };
  const kept = {
    terms: { ...row.terms, plans: row.terms.plans.map((plan) => plan.plan) },
    profile: row.profile,
    testClockId: row.testClockId,
  };
  return JSON.stringify(comparable(asked)) === JSON.stringify(comparable(kept));
}

interface Comparable {
  readonly terms: Omit<Terms, "plans"> & { readonly plans: readonly string[] };
  readonly profile: AccountProfile;
  readonly testClockId: string | null;
}

/** The values in one order of keys. */
function comparable({ terms, profile, testClockId }: Comparable) {
  const { anchorDate, timeZone, currency, plans, overagePrice, automaticPacksMax, termPeriods } = terms;
  const { name, invoicePrefix, buyer, netDays, tax, creditOwner, hourlyValue } = profile;
  return [
    [anchorDate, timeZone, currency, plans, overagePrice, automaticPacksMax, termPeriods],
    [name, invoicePrefix, netDays, tax?.name, tax?.percent],
    [creditOwner, hourlyValue?.amountMinor, hourlyValue?.currency],
    [buyer.name, buyer.address, buyer.taxIds, buyer.purchaseOrder],
    testClockId,
  ];
}
