/**
 * Every command on an account besides its use: one union, one way from state to state. The account object, tests
 * and simulations all come through here.
 */
import type { Catalog, Offer } from "./catalog.ts";
import type { Change } from "./change.ts";
import { type Convert, convert } from "./conversions.ts";
import {
  type ChangeFeature,
  changeFeature,
  type PutBudget,
  type PutUser,
  putBudget,
  putUser,
  removeBudget,
  removeUser,
} from "./directory-changes.ts";
import { issue, type Step } from "./effects.ts";
import { type AddGrant, addGrant } from "./grants.ts";
import { rearm, tellThresholds } from "./notices.ts";
import { type SetRates, setRates, type WithdrawRates, withdrawRates } from "./own-rates.ts";
import {
  type BuyPack,
  buyPack,
  type CancelPack,
  type ChangeRenewal,
  cancelPack,
  changeRenewal,
} from "./packs.ts";
import { type ChangeSettings, cancelPendingSetting, changeSettings } from "./settings.ts";
import type { AccountState } from "./state.ts";
import { close, resume, suspend } from "./status.ts";
import { type ChangeTerms, changeTerms } from "./terms.ts";

export type AccountCommand =
  | ({ readonly kind: "buy_pack" } & BuyPack)
  | ({ readonly kind: "cancel_pack" } & CancelPack)
  | ({ readonly kind: "change_renewal" } & ChangeRenewal)
  | ({ readonly kind: "change_settings" } & ChangeSettings)
  | { readonly kind: "cancel_pending_setting" }
  | { readonly kind: "change_terms"; readonly change: ChangeTerms }
  | ({ readonly kind: "add_grant" } & AddGrant)
  | ({ readonly kind: "convert" } & Convert)
  | { readonly kind: "suspend"; readonly reason: string }
  | { readonly kind: "resume" }
  | { readonly kind: "close"; readonly reason: string }
  | ({ readonly kind: "change_feature" } & ChangeFeature)
  | ({ readonly kind: "put_user" } & PutUser)
  | { readonly kind: "remove_user"; readonly user: string }
  | ({ readonly kind: "put_budget" } & PutBudget)
  | { readonly kind: "remove_budget"; readonly budget: string }
  | ({ readonly kind: "set_rates" } & SetRates)
  | ({ readonly kind: "withdraw_rates" } & WithdrawRates);

/** What a command needs to know besides the state. */
export interface Circumstances {
  readonly offer: Offer;
  readonly nowMs: number;
  /** Who commands, for the audit log. */
  readonly actor: string;
  /** What the subject of a budget has used since the period's start, from the journal (9.3). */
  readonly usedBy: (budget: PutBudget) => number;
}

/** Nothing about a closed account changes any more (2.6). */
export interface AccountClosed {
  readonly kind: "account_closed";
}

/** Users, teams, access, budgets and own rates are kept in one row of 2 MB. */
export interface DirectoryTooLarge {
  readonly kind: "directory_too_large";
  readonly maxBytes: number;
}

const DIRECTORY_BYTES_MAX = 1_500_000;

/** Packs, grants and conversions to come are kept in the checkpoint, one row of 2 MB with all else. */
export interface AccountTooLarge {
  readonly kind: "account_too_large";
  readonly maxBytes: number;
}

/** Leaves room for what is added without a command: automatic packs, one holding a day. */
const OWNED_BYTES_MAX = 1_200_000;
/** So many always fit: the longest names of one take 3 KB. */
const OWNED_FITTING = 400;

type Outcome = ReturnType<typeof apply>;
/** Why a command was not followed. */
export type CommandRefusal =
  | Exclude<Outcome, { readonly kind: "changed" }>
  | AccountClosed
  | DirectoryTooLarge
  | AccountTooLarge;
/** What a command's caller is told besides the balance. */
export type CommandValue = Extract<Outcome, { readonly kind: "changed" }>["value"];

export interface Executed extends Step {
  readonly kind: "changed";
  readonly value: CommandValue;
}

/** Follows a command on an account whose time is up to date (`advance`). */
export function execute(
  state: AccountState,
  command: AccountCommand,
  circumstances: Circumstances,
): Executed | CommandRefusal {
  if (state.closedAtMs !== null) return { kind: "account_closed" };
  const outcome = apply(state, command, circumstances);
  if (outcome.kind !== "changed") return outcome;
  if (outcome.state.directory !== state.directory && bytesOf(outcome.state.directory) > DIRECTORY_BYTES_MAX) {
    return { kind: "directory_too_large", maxBytes: DIRECTORY_BYTES_MAX };
  }
  if (outgrows(state, outcome.state)) {
    return { kind: "account_too_large", maxBytes: OWNED_BYTES_MAX };
  }
  const { nowMs, offer } = circumstances;
  return {
    kind: "changed",
    value: outcome.value,
    ...finish(state, outcome, offer.catalog, circumstances.actor, nowMs),
  };
}

function apply(state: AccountState, command: AccountCommand, { offer, nowMs, usedBy }: Circumstances) {
  const { catalog } = offer;
  switch (command.kind) {
    case "buy_pack":
      return buyPack(state, command, catalog, nowMs);
    case "cancel_pack":
      return cancelPack(state, command);
    case "change_renewal":
      return changeRenewal(state, command, catalog);
    case "change_settings":
      return changeSettings(state, command, catalog, nowMs);
    case "cancel_pending_setting":
      return cancelPendingSetting(state);
    case "change_terms":
      return changeTerms(state, command.change);
    case "add_grant":
      return addGrant(state, command, nowMs);
    case "convert":
      return convert(state, command, nowMs);
    case "suspend":
      return suspend(state, command.reason, nowMs);
    case "resume":
      return resume(state);
    case "close":
      return close(state, command.reason, nowMs);
    case "change_feature":
      return changeFeature(state, command);
    case "put_user":
      return putUser(state, command);
    case "remove_user":
      return removeUser(state, command.user);
    case "put_budget":
      return putBudget(state, command, usedBy(command));
    case "remove_budget":
      return removeBudget(state, command.budget);
    case "set_rates":
      return setRates(state, command, offer.rateSheets, nowMs);
    case "withdraw_rates":
      return withdrawRates(state, command, offer.rateSheets, nowMs);
  }
}

function bytesOf(kept: unknown): number {
  return new TextEncoder().encode(JSON.stringify(kept)).byteLength;
}

/** Whether a command would add to what is owned beyond what one row can keep. */
function outgrows(before: AccountState, after: AccountState): boolean {
  if (owned(after).flat().length <= OWNED_FITTING) return false;
  const bytes = bytesOf(owned(after));
  return bytes > OWNED_BYTES_MAX && bytes > bytesOf(owned(before));
}

function owned({ packs, grants, conversions }: AccountState) {
  return [packs, grants, conversions];
}

/** Arms, evaluates and numbers what a change tells. */
function finish(
  before: AccountState,
  change: Change<unknown>,
  catalog: Catalog,
  actor: string,
  nowMs: number,
): Step {
  const told = tellThresholds(rearm(before, change.state), catalog.noticePercentages);
  const effects = {
    notices: [...(change.notices ?? []), ...told.contents],
    facts: change.facts ?? [],
    audit: (change.audit ?? []).map((record) => ({ ...record, actor })),
  };
  return issue(told.state, effects, nowMs);
}
