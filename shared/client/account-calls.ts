/** Accounts and money (rules, sections 2, 5 and 7). */
import { accountPath } from "./calls.ts";
import { ReportCalls } from "./report-calls.ts";
import type {
  Account,
  BoughtPack,
  BuyPack,
  ChangedSettings,
  ChangeSettings,
  CreateAccount,
  Invoice,
  OwnedPack,
  Page,
  PageQuery,
  PutUser,
  Settings,
  User,
} from "./types.ts";

export class AccountCalls extends ReportCalls {
  /** Opens an account, or answers with it where it is open as the body says. */
  createAccount(body: CreateAccount): Promise<Account> {
    return this.post("/v1/accounts", body);
  }

  account(account: string): Promise<Account> {
    return this.get(accountPath(account));
  }

  putUser(account: string, user: string, body: PutUser): Promise<User> {
    return this.put(`${accountPath(account)}/users/${encodeURIComponent(user)}`, body);
  }

  packs(account: string): Promise<Page<OwnedPack>> {
    return this.get(`${accountPath(account)}/packs`);
  }

  /** Buys once per `idempotencyKey`. */
  buyPack(account: string, body: BuyPack, idempotencyKey: string = crypto.randomUUID()): Promise<BoughtPack> {
    return this.postOnce(`${accountPath(account)}/packs`, body, idempotencyKey);
  }

  settings(account: string): Promise<Settings> {
    return this.get(`${accountPath(account)}/settings`);
  }

  changeSettings(account: string, body: ChangeSettings): Promise<ChangedSettings> {
    return this.put(`${accountPath(account)}/settings`, body);
  }

  invoices(account: string, query: PageQuery = {}): Promise<Page<Invoice>> {
    return this.get(`${accountPath(account)}/invoices`, query);
  }

  invoice(invoice: string): Promise<Invoice> {
    return this.get(`/v1/invoices/${encodeURIComponent(invoice)}`);
  }
}
