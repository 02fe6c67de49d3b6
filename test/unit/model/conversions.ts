/** Packs of an earlier product become monthly credits until the term ends (section 11). */
import type { Account } from "./account.ts";
import { refused } from "./answers.ts";
import type { Conversion } from "./facts.ts";
import { activePacks } from "./figures.ts";
import { once, type Request } from "./idempotency.ts";
import { CREDIT } from "./money.ts";
import { lookBack } from "./notices.ts";
import { addPack, chargeNow } from "./packs.ts";
import { look } from "./periods.ts";
import { useSetting } from "./settings.ts";

export interface Convert extends Request {
  /** Of one earlier pack, in credits as they were. */
  readonly size: number;
  readonly packs: bigint;
  /** Of one earlier pack, for each period. */
  readonly priceMinor?: bigint;
  readonly termPeriods?: number;
  readonly effectiveAtMs?: number;
}

export const SHIPPED_TABLE: ReadonlyMap<number, bigint> = new Map([
  [100, 3_000n * CREDIT],
  [1_000, 15_000n * CREDIT],
  [10_000, 125_000n * CREDIT],
]);

export function convert(account: Account, command: Convert, nowMs: number, table = SHIPPED_TABLE) {
  look(account, nowMs);
  return once(account, command, () => {
    const credits = table.get(command.size);
    if (credits === undefined) return refused("unknown_size");
    const { term } = account;
    const own = command.termPeriods ?? null;
    // All packs of an account end with one term (5.3).
    if (term !== null && own !== null && own !== term.periods) return refused("term_differs");
    const conversion: Conversion = {
      pack: `earlier ${command.size}`,
      packs: command.packs,
      credits,
      priceMinor: command.priceMinor ?? 0n,
      termPeriods: own,
      effectiveAtMs: Math.max(account.nowMs, command.effectiveAtMs ?? account.nowMs),
    };
    if (conversion.effectiveAtMs > account.nowMs) account.conversions.push(conversion);
    else takeEffect(account, conversion);
    return { kind: "converted" as const, replayed: false, credits: credits * command.packs };
  });
}

/** As the first pack it sets `pause`; it never raises the maximum (5.9). */
export function takeEffect(account: Account, { termPeriods, effectiveAtMs: _, ...terms }: Conversion): void {
  const first = activePacks(account).length === 0;
  addPack(account, "converted", terms, termPeriods ?? undefined);
  if (first) useSetting(account, "pause");
  chargeNow(account, "purchase", [terms]);
  lookBack(account);
}
