/** The accounts that the worked examples begin with. */
import { TestAccount, type TestAccountOptions } from "../support/account.ts";
import type { TestServer } from "../support/server.ts";

export const PACK = { pack: "pack-1000", quantity: 1 };
/** A credit of overage costs 0.010 USD. */
export const PAYG = { ...PACK, overageSetting: "pay_as_you_go" } as const;

export function open(server: TestServer, options: TestAccountOptions): Promise<TestAccount> {
  return TestAccount.open(server.test, options);
}

/** Included 5,000 and one 1,000 pack: a limit of 6,000. */
export function openWithPack(
  server: TestServer,
  pack: TestAccountOptions["pack"] = PACK,
  more: TestAccountOptions = {},
): Promise<TestAccount> {
  return open(server, { plans: ["plan-5000"], pack, ...more });
}
