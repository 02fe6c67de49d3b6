/** The way of a command from a route to its account, and of its answer or refusal back. */
import type { Context } from "hono";
import type { AccountRates } from "../../shared/credits/account-rates.ts";
import type { Budget, FeatureControl } from "../../shared/credits/directory.ts";
import type { AccountCommand } from "../../shared/credits/execute.ts";
import type { Grant, OwnedPack } from "../../shared/credits/state.ts";
import type { Done } from "../../shared/protocol.ts";
import { settleAccount } from "../billing/settle.ts";
import { type AppEnv, accountKey, accountStub } from "../ingest/http.ts";
import { commandProblem } from "./refusals.ts";

/** What each command's caller is told besides the balance. */
interface Values {
  readonly buy_pack: OwnedPack;
  readonly cancel_pack: OwnedPack;
  readonly change_renewal: OwnedPack;
  readonly change_settings: null;
  readonly cancel_pending_setting: null;
  readonly change_terms: null;
  readonly add_grant: Grant;
  readonly convert: OwnedPack;
  readonly suspend: null;
  readonly resume: null;
  readonly close: null;
  readonly change_feature: FeatureControl;
  readonly put_user: null;
  readonly remove_user: null;
  readonly put_budget: Budget;
  readonly remove_budget: Budget;
  readonly set_rates: AccountRates;
  readonly withdraw_rates: AccountRates;
}

export type Followed<Kind extends AccountCommand["kind"]> = Omit<Done, "value"> & {
  readonly value: Values[Kind];
};

/** Gives a command to an account; throws the problem that says why it was not followed. */
export async function follow<Command extends AccountCommand>(
  context: Context<AppEnv>,
  account: string,
  command: Command,
  idempotencyKey: string | null = null,
): Promise<Followed<Command["kind"]>> {
  const stub = accountStub(context, account);
  const result = await stub.execute(command, idempotencyKey, context.var.callContext);
  if (result.kind !== "done") throw commandProblem(result, account, command.kind);
  if (result.replayed) context.header("Idempotent-Replayed", "true");
  // The rules answer each kind of command with its own kind of value.
  return result as Followed<Command["kind"]>;
}

/**
 * Makes the documents of what the account has just been charged, so that they are there with the answer. What fails
 * here is made up for by the billing queue: the command itself was followed.
 */
export async function settleNow(context: Context<AppEnv>, account: string): Promise<void> {
  const key = accountKey(context, account);
  try {
    await settleAccount(context.env, key, context.var.callContext);
  } catch (error) {
    console.warn(context.var.requestId, `${key} is settled later`, error);
  }
}
