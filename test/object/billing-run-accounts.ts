/** Many accounts of a few kinds that are due at the same moment, and what the close of each has to say. */
import { env } from "cloudflare:workers";
import { accountIdOf } from "../../shared/account-key.ts";
import type { BuyPack } from "../../shared/credits/packs.ts";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import { accountOf } from "../../workers/account/stub.ts";
import { settleAccount } from "../../workers/billing/settle.ts";
import { forEachAtOnce } from "../../workers/concurrency.ts";
import { END_MS, PROFILE, START_MS } from "./billing-fixtures.ts";
import { answers, CONTEXT, CREDIT } from "./fixtures.ts";

/** An account of the run before its reset, and what has to be there after it. */
export interface Kind {
  readonly name: string;
  readonly pack: Omit<BuyPack, "pack" | "quantity"> | null;
  readonly consumed: number;
  /** Above the maximum, so that it is overdraft. */
  readonly recorded: number;
  readonly closed: Partial<ClosedPeriod>;
  /** Source and total in minor units, in the order of their numbers. */
  readonly invoices: readonly (readonly [source: string, totalMinor: number])[];
}

const credits = (amount: number) => amount * CREDIT;
const PURCHASE = ["purchase:pack_1", 1000] as const;
const RENEWAL = `renewal:${END_MS}`;
const OVERAGE = `overage:${START_MS}`;

const INCLUDED_ONLY: Kind = {
  name: "included credits only",
  pack: null,
  consumed: 100,
  recorded: 0,
  closed: {
    limitMicros: credits(500),
    usedMicros: credits(100),
    billedMicros: 0,
    expiredMicros: credits(400),
  },
  invoices: [],
};

/** The figures of worked example 2. */
const OVERAGE_BILLED: Kind = {
  name: "pay as you go above the limit",
  pack: { setting: "pay_as_you_go" },
  consumed: 1737.5,
  recorded: 0,
  closed: {
    limitMicros: credits(1500),
    usedMicros: credits(1737.5),
    overageMicros: credits(237.5),
    billedMicros: credits(230),
    expiredMicros: 0,
  },
  invoices: [PURCHASE, [OVERAGE, 230], [RENEWAL, 1000]],
};

const UPGRADED: Kind = {
  name: "upgraded automatically",
  pack: {},
  consumed: 1600,
  recorded: 0,
  closed: {
    limitMicros: credits(2500),
    usedMicros: credits(1600),
    billedMicros: 0,
    expiredMicros: credits(900),
  },
  invoices: [PURCHASE, ["upgrade:2026-11-14", 1000], [RENEWAL, 2000]],
};

const OVERDRAWN: Kind = {
  name: "overage and overdraft",
  pack: { setting: "pay_as_you_go", maximumMicros: credits(1700) },
  consumed: 1690,
  recorded: 60,
  closed: {
    limitMicros: credits(1500),
    usedMicros: credits(1750),
    overdraftMicros: credits(50),
    overageMicros: credits(250),
    billableMicros: credits(200),
    billedMicros: credits(200),
  },
  invoices: [PURCHASE, [OVERAGE, 200], [RENEWAL, 1000]],
};

/** In ten accounts. */
const MIX: readonly Kind[] = [
  ...Array.from({ length: 6 }, () => INCLUDED_ONLY),
  OVERAGE_BILLED,
  OVERAGE_BILLED,
  UPGRADED,
  OVERDRAWN,
];

export interface DueAccount {
  readonly key: string;
  readonly kind: Kind;
}

/** Most of the time goes into waiting for the disk. */
const AT_ONCE = 32;

/** Opens them at the time that the test's clock says, with usage; what was bought is billed. */
export async function openAccounts(count: number): Promise<readonly DueAccount[]> {
  const opened = Array.from({ length: count }, (_, index) => {
    const kind = MIX[index % MIX.length] ?? INCLUDED_ONLY;
    return { key: `live:due-${String(index).padStart(4, "0")}`, kind };
  });
  await env.DB.prepare(
    `INSERT INTO accounts (account_key, mode, account_id, terms, profile, test_clock_id, created_at_ms, period_ends_at_ms)
     SELECT value ->> '$[0]', 'live', value ->> '$[1]', '{}', ?1, NULL, ?2, ?3 FROM json_each(?4)`,
  )
    .bind(
      JSON.stringify(PROFILE),
      START_MS,
      END_MS,
      JSON.stringify(opened.map(({ key }) => [key, accountIdOf(key)])),
    )
    .run();
  await forEachAtOnce(opened, AT_ONCE, open);
  return opened;
}

async function open({ key, kind }: DueAccount): Promise<void> {
  const account = accountOf(env, key);
  const plans = [{ plan: "starter", includedCreditsMicros: credits(500) }];
  const agreed = { overagePrice: null, automaticPacksMax: null, termPeriods: 12 };
  const terms = { anchorDate: "2026-11-14", timeZone: "UTC", currency: "USD", plans, ...agreed };
  await account.open(terms, null, CONTEXT);
  const buy = { kind: "buy_pack", pack: "p1000", quantity: 1, ...kind.pack } as const;
  const calls = [
    { mode: "consume" as const, event: answers("consumed", kind.consumed) },
    ...(kind.recorded === 0 ? [] : [{ mode: "record" as const, event: answers("recorded", kind.recorded) }]),
  ];
  const [, results] = await Promise.all([
    kind.pack === null ? null : account.execute(buy, null, CONTEXT),
    account.use(calls, CONTEXT),
  ]);
  for (const result of results) if (result.kind !== "allowed") throw new Error(JSON.stringify(result));
  if (kind.pack !== null) await settleAccount(env, key, CONTEXT);
}
