/**
 * The proof after a replay, account by account: what it sent and was told is booked stands in the log once, at the price
 * that the published rates give; and log, balance, segments and roll-ups agree to the micro-credit, period by period.
 * Other usage of the same accounts may stand beside it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Balance, Drawdown, RateSheet, Reconciliation } from "../../shared/client/client.ts";
import { forEachAtOnce } from "./at-once.ts";
import type { Plan, PlannedEvent } from "./plan.ts";
import { formatCredits, priceMicros, toMicros } from "./prices.ts";

const ACCOUNTS_AT_ONCE = 6;
const POLL_EVERY_MS = 500;
/** Entries whose message was lost are sent again after a minute. */
const SHIPPED_WITHIN_MS = 180_000;

export interface Sums {
  /** Of the replay's booked events, at the published rates. */
  ownMicros: bigint;
  /** Of the log's entries of the replay. */
  logOwnMicros: bigint;
  /** Of all entries of the log; of all periods, like what follows. */
  logMicros: bigint;
  usedMicros: bigint;
  segmentsMicros: bigint;
  rollupsMicros: bigint;
  /** Above the limit, in the open period. */
  overageMicros: bigint;
}

export interface Verification {
  readonly sums: Sums;
  readonly agreeing: number;
  /** Each difference, with its account. */
  readonly mismatches: readonly string[];
}

interface LoggedAccount {
  /** By id, of the replay's entries: what was booked, and by which version. */
  readonly own: ReadonlyMap<string, { readonly creditsMicros: bigint; readonly rateVersion: number }>;
  readonly byPeriod: ReadonlyMap<string, bigint>;
  readonly twice: readonly string[];
}

export async function verifyReplay(
  drawdown: Drawdown,
  plan: Plan,
  booked: ReadonlySet<string>,
): Promise<Verification> {
  const sums = noSums();
  const mismatches: string[] = [];
  const disagreeing = new Set<string>();
  const byAccount = Map.groupBy(plan.events, ({ event }) => event.account);
  const sheets = new Sheets(drawdown);
  await forEachAtOnce(plan.accounts, ACCOUNTS_AT_ONCE, async (account) => {
    const differ = (what: string) => {
      disagreeing.add(account);
      mismatches.push(`${account}: ${what}`);
    };
    const reconciliation = await awaitShipped(drawdown, account);
    const log = await readLog(drawdown, account, plan.idPrefix);
    const expected = (byAccount.get(account) ?? []).filter(({ event }) => booked.has(event.id));
    const ownMicros = await compareEvents(expected, log, sheets, differ);
    const balance = await drawdown.balance(account);
    sums.ownMicros += ownMicros;
    comparePeriods(balance, reconciliation, log, sums, differ);
  });
  return { sums, agreeing: plan.accounts.length - disagreeing.size, mismatches };
}

function noSums(): Sums {
  return {
    ownMicros: 0n,
    logOwnMicros: 0n,
    logMicros: 0n,
    usedMicros: 0n,
    segmentsMicros: 0n,
    rollupsMicros: 0n,
    overageMicros: 0n,
  };
}

/** Published versions, each read once. */
class Sheets {
  readonly #drawdown: Drawdown;
  readonly #versions = new Map<number | "current", Promise<RateSheet>>();

  constructor(drawdown: Drawdown) {
    this.#drawdown = drawdown;
  }

  get(version: number | "current"): Promise<RateSheet> {
    const known = this.#versions.get(version);
    if (known !== undefined) return known;
    const sheet = this.#drawdown.rateSheet(version);
    this.#versions.set(version, sheet);
    return sheet;
  }
}

/** The account's reconciliation when all its entries are in D1, or the last one before patience ended. */
async function awaitShipped(drawdown: Drawdown, account: string): Promise<Reconciliation> {
  const giveUpAtMs = Date.now() + SHIPPED_WITHIN_MS;
  for (;;) {
    const reconciliation = await drawdown.reconcile(account);
    if (reconciliation.unshipped === 0 || Date.now() > giveUpAtMs) return reconciliation;
    await sleep(POLL_EVERY_MS);
  }
}

async function readLog(drawdown: Drawdown, account: string, idPrefix: string): Promise<LoggedAccount> {
  const own = new Map<string, { creditsMicros: bigint; rateVersion: number }>();
  const byPeriod = new Map<string, bigint>();
  const twice: string[] = [];
  for await (const { id, period, credits, rateVersion } of drawdown.logEntries(account)) {
    const creditsMicros = toMicros(credits);
    byPeriod.set(period, (byPeriod.get(period) ?? 0n) + creditsMicros);
    if (!id.startsWith(idPrefix)) continue;
    if (own.has(id)) twice.push(id);
    own.set(id, { creditsMicros, rateVersion });
  }
  return { own, byPeriod, twice };
}

/** What the events must cost; names those that are not in the log as they should be. */
async function compareEvents(
  expected: readonly PlannedEvent[],
  { own, twice }: LoggedAccount,
  sheets: Sheets,
  differ: (what: string) => void,
): Promise<bigint> {
  for (const id of twice) differ(`${id} stands in the log more than once`);
  const missing = expected.filter(({ event }) => !own.has(event.id));
  if (missing.length > 0)
    differ(`the log lacks ${missing.length} booked events, such as ${missing[0]?.event.id}`);
  const stranger = own.size - (expected.length - missing.length);
  if (stranger > 0) differ(`the log has ${stranger} events of the replay that were not told to be booked`);
  let sum = 0n;
  for (const { event } of expected) {
    const logged = own.get(event.id);
    const price = priceMicros(await sheets.get(logged?.rateVersion ?? "current"), event);
    sum += price;
    if (logged !== undefined && logged.creditsMicros !== price) {
      differ(
        `${event.id} is ${formatCredits(logged.creditsMicros)} in the log, ${formatCredits(price)} by the rates`,
      );
    }
  }
  return sum;
}

function comparePeriods(
  balance: Balance,
  reconciliation: Reconciliation,
  log: LoggedAccount,
  sums: Sums,
  differ: (what: string) => void,
): void {
  for (const { creditsMicros } of log.own.values()) sums.logOwnMicros += creditsMicros;
  for (const micros of log.byPeriod.values()) sums.logMicros += micros;
  for (const mismatch of reconciliation.mismatches) differ(mismatch);
  if (reconciliation.unshipped > 0) differ(`${reconciliation.unshipped} entries are not in D1 yet`);
  for (const period of reconciliation.periods) {
    const used = toMicros(period.used);
    sums.usedMicros += used;
    sums.segmentsMicros += toMicros(period.segments);
    sums.rollupsMicros += toMicros(period.rollups);
    const said = [
      ["the log", log.byPeriod.get(period.period) ?? 0n],
      ["the segments", toMicros(period.segments)],
      ["the roll-ups", toMicros(period.rollups)],
      ...(period.period === balance.period.name ? [["the balance", toMicros(balance.used)] as const] : []),
    ] as const;
    for (const [who, micros] of said) {
      if (micros !== used) {
        differ(`period ${period.period}: ${formatCredits(used)} used, ${who} says ${formatCredits(micros)}`);
      }
    }
  }
  compareOverage(balance, sums, differ);
}

function compareOverage(balance: Balance, sums: Sums, differ: (what: string) => void): void {
  const above = toMicros(balance.used) - toMicros(balance.limit);
  const overage = toMicros(balance.overage);
  sums.overageMicros += overage;
  if (overage !== (above > 0n ? above : 0n)) {
    differ(
      `overage ${formatCredits(overage)} does not follow from used ${balance.used} and limit ${balance.limit}`,
    );
  }
}
