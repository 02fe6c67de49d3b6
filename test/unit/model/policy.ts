/** What the overage setting and the maximum let happen (3.1-3.4, 5.1, 5.4, 5.5, 5.8): arithmetic on a few sums. */
import type { Account } from "./account.ts";
import type { Reason } from "./answers.ts";
import type { Setting } from "./facts.ts";
import { held, limit, overdraft, used } from "./figures.ts";
import { higher, lower, positive } from "./money.ts";
import { packsLeft, upgradePack } from "./upgrades.ts";

/** How an account stands before a part of an event is decided. */
export interface Standing {
  readonly setting: Setting;
  readonly used: bigint;
  readonly held: bigint;
  readonly overdraft: bigint;
  readonly limit: bigint;
  readonly maximum: bigint | null;
  /** Of the upgrade pack; null: none is on sale. */
  readonly packSize: bigint | null;
  /** How many more packs may be added automatically. */
  readonly packsLeft: bigint;
}

/** What is booked of an event, and the packs that are added for it. */
export interface Part {
  readonly credits: bigint;
  readonly overdraft: bigint;
  readonly packs: bigint;
}

export function standingOf(account: Account): Standing {
  const pack = upgradePack(account);
  return {
    setting: account.setting,
    used: used(account),
    held: held(account),
    overdraft: overdraft(account),
    limit: limit(account),
    maximum: account.maximum,
    packSize: pack?.credits ?? null,
    packsLeft: pack === undefined ? 0n : packsLeft(account, pack.credits),
  };
}

/** Why so many credits more are denied, or null. */
export function creditsReason(at: Standing, credits: bigint): Reason | null {
  const reason = holdReason(at, credits);
  if (reason !== null || credits === 0n) return reason;
  const packs = packsNeeded(at, credits);
  if (packs === 0n) return null;
  if (at.packSize === null) return "credits_exhausted";
  return packs > at.packsLeft ? "upgrade_cap_reached" : null;
}

/** Why so many credits are not reserved, or null: a hold buys no packs and fits into the ceiling (3.4). */
export function holdReason(at: Standing, credits: bigint): Reason | null {
  const after = at.used + at.held + credits;
  if (credits === 0n) return null;
  if (at.maximum !== null && after > at.maximum) return "max_monthly_limit_reached";
  return at.setting === "pause" && after > at.limit ? "credits_exhausted" : null;
}

/** The fewest packs that cover what is charged for; one more than may be added where those do not. */
function packsNeeded(at: Standing, credits: bigint): bigint {
  if (at.setting !== "auto_upgrade" || credits === 0n) return 0n;
  let packs = 0n;
  while (at.used - at.overdraft + credits > at.limit + packs * (at.packSize ?? 0n)) {
    packs += 1n;
    if (packs > at.packsLeft) return packs;
  }
  return packs;
}

/** An event that was allowed. */
export function asConsume(at: Standing, credits: bigint): Part {
  return { credits, overdraft: 0n, packs: packsNeeded(at, credits) };
}

/** What lies above the ceiling is overdraft; packs are added for the rest if they may be, all of them or none (3.2). */
export function asRecord(at: Standing, credits: bigint): Part {
  const above = aboveCeiling(at, credits);
  const packs = packsNeeded(at, credits - above);
  return { credits, overdraft: above, packs: packs > at.packsLeft ? 0n : packs };
}

/** Always booked: packs as far as they go, and what the policy cannot cover is overdraft (3.4). */
export function asCapture(at: Standing, credits: bigint): Part {
  const above = aboveCeiling(at, credits);
  const packs = lower(packsNeeded(at, credits - above), at.packsLeft);
  const whole = at.limit + packs * (at.packSize ?? 0n);
  const uncovered = at.setting === "auto_upgrade" ? at.used - at.overdraft + credits - above - whole : 0n;
  return { credits, overdraft: above + lower(credits - above, positive(uncovered)), packs };
}

/** The part of a booking that lies above the ceiling by `used` alone; held credits do not count. */
function aboveCeiling(at: Standing, credits: bigint): bigint {
  const limited = at.setting === "pause" ? at.limit : null;
  const ceilings = [limited, at.maximum].filter((amount) => amount !== null);
  return ceilings.map((ceiling) => lower(credits, positive(at.used + credits - ceiling))).reduce(higher, 0n);
}

/** After a part was booked and so many held credits were given back. */
export function afterPart(at: Standing, part: Part, released: bigint): Standing {
  return {
    ...at,
    used: at.used + part.credits,
    held: at.held - released,
    overdraft: at.overdraft + part.overdraft,
    limit: at.limit + part.packs * (at.packSize ?? 0n),
    packsLeft: at.packsLeft - part.packs,
  };
}

export function bothParts(one: Part, other: Part): Part {
  return {
    credits: one.credits + other.credits,
    overdraft: one.overdraft + other.overdraft,
    packs: one.packs + other.packs,
  };
}
