/**
 * What the model knows of one account: lists of facts, and the little that is in force. No figure is kept; the other
 * files add every one up anew. Written from the text of the credit rules alone; shares nothing with shared/credits.
 */
import { monthAround } from "../calendar.ts";
import type {
  Access,
  Agreement,
  Budget,
  Catalog,
  Charge,
  Closed,
  Conversion,
  Correction,
  Entry,
  Grant,
  Hold,
  Level,
  Pack,
  Setting,
} from "./facts.ts";
import { limit } from "./figures.ts";
import { agreedPrice } from "./settings.ts";

export interface Account {
  nowMs: number;
  agreement: Agreement;
  waiting: Partial<Agreement>;
  catalog: Catalog;
  setting: Setting;
  pending: Setting | null;
  maximum: bigint | null;
  /** Counts up with each reset. */
  period: number;
  startMs: number;
  endMs: number;
  limitAtStart: bigint;
  overagePrice: string | null;
  suspended: boolean;
  closedAtMs: number | null;
  /** The commitment term that runs: its first period and how many it has. */
  term: { readonly first: number; readonly periods: number; told: boolean } | null;
  /** Whether the look 7 days before the reset was had. */
  expiryLooked: boolean;
  upgradeUnavailableTold: boolean;
  /** How everything with thresholds stood after each decision of the period. */
  moments: ReadonlyMap<string, Level>[];
  readonly entries: Entry[];
  readonly corrections: Correction[];
  readonly holds: Hold[];
  readonly packs: Pack[];
  readonly grants: Grant[];
  readonly conversions: Conversion[];
  readonly closed: Closed[];
  readonly charges: Charge[];
  readonly paused: Set<string>;
  readonly access: Map<string, Access>;
  /** Known users and their teams. */
  readonly users: Map<string, readonly string[]>;
  readonly budgets: Map<string, Budget>;
  /** What came of events, said after they were booked. */
  readonly outcomes: Map<string, string>;
  /** What was answered under an Idempotency-Key. */
  readonly commands: Map<string, { readonly content: string; readonly answer: unknown }>;
  /** Everything that was told, in order. */
  readonly told: string[];
}

export function openAccount(agreement: Agreement, catalog: Catalog, nowMs: number): Account {
  const { startMs, endMs } = monthAround(agreement.anchorDate, agreement.timeZone, nowMs);
  const account: Account = {
    nowMs,
    agreement,
    waiting: {},
    catalog,
    setting: "pause",
    pending: null,
    maximum: null,
    period: 0,
    startMs,
    endMs,
    limitAtStart: 0n,
    overagePrice: null,
    suspended: false,
    closedAtMs: null,
    term: null,
    expiryLooked: false,
    upgradeUnavailableTold: false,
    moments: [],
    entries: [],
    corrections: [],
    holds: [],
    packs: [],
    grants: [],
    conversions: [],
    closed: [],
    charges: [],
    paused: new Set(),
    access: new Map(),
    users: new Map(),
    budgets: new Map(),
    outcomes: new Map(),
    commands: new Map(),
    told: [],
  };
  account.overagePrice = agreedPrice(account);
  account.limitAtStart = limit(account);
  return account;
}
