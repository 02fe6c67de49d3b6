/** Packs that are added automatically (5.4). */
import { dayAt } from "../calendar.ts";
import type { Account } from "./account.ts";
import type { Upgrade } from "./answers.ts";
import type { CatalogPack } from "./facts.ts";
import { activePacks, periodName } from "./figures.ts";
import { ceilingOf, higher, positive, sum } from "./money.ts";
import { addAutomatic, onSale } from "./packs.ts";

/** The marked pack, or else the smallest, of those on sale in the account's currency. */
export function upgradePack(account: Account): CatalogPack | undefined {
  const packs = onSale(account).sort((one, other) => (one.credits < other.credits ? -1 : 1));
  return packs.find((pack) => pack.upgrade) ?? packs.at(0);
}

/** The cap is by default what doubles the limit that the period began with, at least one pack. */
export function packsLeft(account: Account, size: bigint): bigint {
  const agreed = account.agreement.automaticPacksMax ?? account.catalog.automaticPacksMax;
  const cap = agreed === null ? higher(1n, ceilingOf(account.limitAtStart, size)) : BigInt(agreed);
  const own = activePacks(account).filter(
    (pack) => pack.origin === "automatic" && pack.addedIn === account.period,
  );
  return positive(cap - sum(own.map((pack) => pack.packs)));
}

export function upgradeBy(account: Account, packs: bigint): Upgrade | null {
  const pack = upgradePack(account);
  if (packs === 0n || pack === undefined) return null;
  return { pack: pack.pack, packs, priceMinor: packs * (pack.prices[account.agreement.currency] ?? 0n) };
}

export function addUpgrade(account: Account, { pack, packs, priceMinor }: Upgrade): void {
  const credits = upgradePack(account)?.credits ?? 0n;
  const line = { pack, packs, priceMinor: priceMinor / packs };
  addAutomatic(account, { ...line, credits });
  account.charges.push({
    kind: "upgrade",
    atMs: account.nowMs,
    period: periodName(account),
    periodStartMs: account.startMs,
    line,
    day: dayAt(account.nowMs, account.agreement.timeZone),
  });
}
