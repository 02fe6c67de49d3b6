/** Opens the accounts of a replay: with a pack and pay as you go, so that no event is denied. */
import {
  type Catalog,
  type CreateAccount,
  type Drawdown,
  DrawdownError,
} from "../../shared/client/client.ts";
import { forEachAtOnce } from "./at-once.ts";
import { ReplayRefusal } from "./options.ts";

const ACCOUNTS_AT_ONCE = 8;

interface Sale {
  readonly currency: string;
  readonly pack: string;
}

/** Accounts that exist with other values are somebody's: they are used as they are. */
export async function openAccounts(drawdown: Drawdown, accounts: readonly string[]): Promise<void> {
  const sale = findSale(await drawdown.catalog());
  await forEachAtOnce(accounts, ACCOUNTS_AT_ONCE, async (account) => {
    const isOurs = await openAccount(drawdown, {
      account,
      name: `Replay ${account}`,
      currency: sale.currency,
    });
    if (!isOurs || (await drawdown.packs(account)).data.length > 0) return;
    const purchase = { pack: sale.pack, quantity: 1, overageSetting: "pay_as_you_go" } as const;
    await drawdown.buyPack(account, purchase, `replay-${account}`);
  });
}

async function openAccount(drawdown: Drawdown, body: CreateAccount): Promise<boolean> {
  try {
    await drawdown.createAccount(body);
    return true;
  } catch (error) {
    if (error instanceof DrawdownError && error.problem.code === "account_exists") return false;
    throw error;
  }
}

/** The smallest pack on sale in a currency that has an overage rate. */
function findSale({ packs, overageRates }: Catalog): Sale {
  const currencies = new Set(overageRates.map((rate) => rate.currency));
  for (const pack of packs.toSorted((a, b) => a.credits - b.credits)) {
    const price = pack.prices.find((candidate) => currencies.has(candidate.currency));
    if (price !== undefined) return { currency: price.currency, pack: pack.pack };
  }
  throw new ReplayRefusal(
    "The catalogue sells no pack in a currency with an overage rate, so the replay's accounts cannot pay as they go. Change it with PUT /v1/catalog, or name accounts of yours with --account-prefix.",
  );
}
