/** Accounts: their terms and status (rules, section 2). */
import { accountPath } from "./calls.ts";
import { PeopleCalls } from "./people-calls.ts";
import type { Account, AccountSummary, AccountsQuery, ChangeAccount, CreateAccount, Page } from "./types.ts";

export class AccountCalls extends PeopleCalls {
  /** Opens an account, or answers with it where it is open as the body says. */
  createAccount(body: CreateAccount): Promise<Account> {
    return this.post("/v1/accounts", body);
  }

  account(account: string): Promise<Account> {
    return this.get(accountPath(account));
  }

  /** By id; `search` finds by id and name. */
  accounts(query: AccountsQuery = {}): Promise<Page<AccountSummary>> {
    return this.get("/v1/accounts", query);
  }

  /** What is not named stays. */
  changeAccount(account: string, body: ChangeAccount): Promise<Account> {
    return this.patch(accountPath(account), body);
  }

  /** Everything is denied until it is resumed; reads go on. */
  suspendAccount(account: string, reason: string): Promise<Account> {
    return this.post(`${accountPath(account)}/suspend`, { reason });
  }

  resumeAccount(account: string): Promise<Account> {
    return this.post(`${accountPath(account)}/resume`);
  }

  /** For good. */
  closeAccount(account: string, reason: string): Promise<Account> {
    return this.post(`${accountPath(account)}/close`, { reason });
  }
}
