/** Closed periods for reports, settled first where billing is behind: whoever reads sees them (rules, 2.4). */
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import type { AccountView, CallContext } from "../../shared/protocol.ts";
import { readBillingClock, readClosedPeriods } from "../billing/records.ts";
import { settleAccount } from "../billing/settle.ts";
import type { Env } from "../env.ts";

/** `sinceMs`: those that ended then or later; undefined: the newest few. In no particular order. */
export async function closedPeriodsFor(
  env: Env,
  accountKey: string,
  view: AccountView,
  sinceMs: number | undefined,
  callContext: CallContext,
): Promise<readonly ClosedPeriod[]> {
  const read = () => readClosedPeriods(env.DB, accountKey, sinceMs);
  const [clock, closed] = await Promise.all([readBillingClock(env.DB, accountKey, view.nowMs), read()]);
  if (clock === null || clock.periodEndsAtMs > view.balance.periodStartMs) return closed;
  await settleAccount(env, accountKey, callContext);
  return read();
}
