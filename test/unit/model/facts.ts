/** What happened to an account, each a fact of its own; credits are micro-credits, money is minor units. */
import type { Booked, Context } from "./answers.ts";

export type Setting = "pause" | "auto_upgrade" | "pay_as_you_go";

export interface CatalogPack {
  readonly pack: string;
  readonly credits: bigint;
  /** In minor units by currency; not on sale in the others. */
  readonly prices: Readonly<Record<string, bigint>>;
  readonly upgrade: boolean;
}

export interface Catalog {
  readonly packs: readonly CatalogPack[];
  /** Price of a credit by currency. */
  readonly overagePrices: Readonly<Record<string, string>>;
  readonly percentages: readonly number[];
  readonly automaticPacksMax: number | null;
}

export interface Agreement {
  readonly anchorDate: string;
  readonly timeZone: string;
  readonly currency: string;
  /** Included credits of each plan held. */
  readonly included: readonly bigint[];
  readonly overagePrice: string | null;
  readonly automaticPacksMax: number | null;
  readonly termPeriods: number;
}

export interface Entry extends Context {
  readonly seq: number;
  readonly id: string;
  readonly content: string;
  readonly period: number;
  readonly credits: bigint;
  readonly overdraft: bigint;
  readonly teams: readonly string[];
  readonly answer: Booked;
}

export interface Hold extends Context {
  readonly id: string;
  readonly content: string;
  readonly credits: bigint;
  readonly teams: readonly string[];
  readonly expiresAtMs: number;
  readonly occurredAtMs: number | null;
  settlement: "captured" | "released" | null;
}

export interface Correction {
  readonly seq: number;
  readonly entry: Entry;
  /** In which period it was logged, null: in none any more; it counts in that of its entry only if that is the same. */
  readonly madeIn: number | null;
  readonly credits: bigint;
  readonly overdraft: bigint;
}

export type Renewal = { readonly kind: "same" | "none" } | ({ readonly kind: "smaller" } & PackTerms);

/** So many packs of one kind; credits and price are those of one of them. */
export interface PackTerms {
  readonly pack: string;
  readonly packs: bigint;
  readonly credits: bigint;
  readonly priceMinor: bigint;
}

export interface Pack extends Omit<PackTerms, "packs"> {
  readonly id: string;
  readonly origin: "bought" | "automatic" | "converted";
  /** When it was first added; a renewal is a new fact. */
  readonly addedIn: number;
  readonly addedOn: string;
  readonly from: number;
  /** The first period without it. */
  until: number | null;
  /** Fewer once some are cancelled, more once others join them. */
  packs: bigint;
  renewal: Renewal;
  /** What was last named for the next term. */
  named: PackTerms | null;
}

export interface Grant {
  readonly credits: bigint;
  /** Its period, or the day of a later one that has not begun. */
  period: number | null;
  readonly day: string;
}

export interface Budget {
  readonly budget: string;
  readonly scope: "user" | "team" | "feature" | "workflow";
  readonly of: string;
  readonly credits: bigint;
  readonly hard: boolean;
}

export interface Access {
  readonly users: readonly string[];
  readonly teams: readonly string[];
}

export interface Line {
  readonly pack: string;
  readonly packs: bigint;
  readonly priceMinor: bigint;
}

/** What is owed or given back, when it is; documents are made of these (invoices.ts). */
export type Charge = { readonly atMs: number } & (
  | { readonly kind: "purchase" | "renewal"; readonly period: string; readonly lines: readonly Line[] }
  | {
      readonly kind: "upgrade";
      readonly period: string;
      readonly periodStartMs: number;
      readonly line: Line;
      readonly day: string;
    }
  | { readonly kind: "overage"; readonly period: string; readonly amountMinor: bigint }
  | { readonly kind: "correction"; readonly period: string; readonly amountMinor: bigint }
  | { readonly kind: "cancellation"; readonly period: string; readonly amountMinor: bigint }
  | { readonly kind: "void"; readonly document: number }
  | { readonly kind: "closing" }
);

/** A closed period as it was billed. */
export interface Closed {
  readonly period: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly setting: Setting;
  readonly limit: bigint;
  readonly used: bigint;
  readonly held: bigint;
  readonly overdraft: bigint;
  readonly overage: bigint;
  readonly billable: bigint;
  readonly billed: bigint;
  readonly expired: bigint;
  readonly overagePrice: string | null;
  readonly amountMinor: bigint;
  readonly seqLast: number;
}

/** How far something with thresholds was used up after a decision (section 6). */
export interface Level {
  readonly used: bigint;
  readonly of: bigint;
  readonly passed: boolean;
}

export interface Conversion extends PackTerms {
  readonly termPeriods: number | null;
  readonly effectiveAtMs: number;
}
