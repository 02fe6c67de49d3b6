/** What the model knows of an account: facts, and how they are added up. Amounts are bigints of micro-credits. */
import type { OverageSetting } from "../../shared/credits/state.ts";
import type { DenialReason } from "../../shared/credits/usage.ts";

export const CREDIT = 1_000_000n;

export type Fact =
  | { readonly kind: "use"; readonly period: number; readonly credits: bigint; readonly overdraft: bigint }
  | {
      readonly kind: "pack";
      readonly period: number;
      readonly automatic: boolean;
      readonly packs: bigint;
      readonly credits: bigint;
      readonly price: bigint;
    };

export interface ModelClosed {
  readonly period: string;
  readonly setting: OverageSetting;
  readonly limit: bigint;
  readonly used: bigint;
  readonly held: bigint;
  readonly overdraft: bigint;
  readonly overage: bigint;
  readonly billable: bigint;
  readonly billed: bigint;
  readonly expired: bigint;
  readonly overagePrice: string | null;
  readonly packsPrice: bigint;
  readonly seqLast: number;
}

export type ModelUse =
  | { readonly kind: "denied"; readonly reason: DenialReason }
  | {
      readonly kind: "allowed";
      readonly overdraft: bigint;
      readonly wouldDeny: DenialReason | null;
      readonly packs: bigint;
    };

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

export function higher(one: bigint, other: bigint): bigint {
  if (one > other) return one;
  return other;
}

export function positive(amount: bigint): bigint {
  return higher(amount, 0n);
}

export function amountOrNull(micros: number | null): bigint | null {
  return micros === null ? null : BigInt(micros);
}

export function inCredits(amount: bigint): number {
  return Number(amount) / Number(CREDIT);
}

export function of(used: bigint, whole: bigint): string {
  return `${inCredits(used)} of ${inCredits(whole)}`;
}
