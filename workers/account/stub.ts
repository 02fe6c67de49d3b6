/** The way to an account's object. */
import type { AccountApi } from "../../shared/protocol.ts";
import type { Env } from "../env.ts";

/**
 * The account's RPC methods. The platform's own stub type maps every answer recursively, which loses readonly
 * tuples and unions; the interface that the object implements says the same and keeps them.
 */
export function accountOf(env: Pick<Env, "ACCOUNT">, accountKey: string): AccountApi {
  return env.ACCOUNT.getByName(accountKey) as unknown as AccountApi;
}
