/** What raises an account's limit, its settings, its own prices (rules, sections 2.5, 5, 8.4 and 11). */
import { AccountCalls } from "./account-calls.ts";
import { accountPath, at } from "./calls.ts";
import type {
  AccountRates,
  AddGrant,
  BoughtPack,
  BuyPack,
  CancelledPack,
  CancelPack,
  ChangedRenewal,
  ChangedSettings,
  ChangeSettings,
  Conversion,
  Convert,
  Converted,
  CurrentSettings,
  Grant,
  Granted,
  ImportReport,
  OwnedPacks,
  PackQuote,
  PackQuoteQuery,
  Page,
  Renewal,
  SetAccountRates,
  Settings,
  SettingsQuote,
  SettingsQuoteQuery,
} from "./types.ts";

export class PackCalls extends AccountCalls {
  /** With the commitment term that they share, and what is on sale. */
  packs(account: string): Promise<OwnedPacks> {
    return this.get(`${accountPath(account)}/packs`);
  }

  /** What a purchase would come to; nothing is bought. */
  packQuote(account: string, query: PackQuoteQuery): Promise<PackQuote> {
    return this.get(`${accountPath(account)}/packs/quote`, query);
  }

  /** Buys once per `idempotencyKey`. */
  buyPack(account: string, body: BuyPack, idempotencyKey: string = crypto.randomUUID()): Promise<BoughtPack> {
    return this.postOnce(`${accountPath(account)}/packs`, body, idempotencyKey);
  }

  /** What a bought pack becomes in the next term; `pack` is the holding's id, such as pack_1. */
  changeRenewal(account: string, pack: string, renewal: Renewal): Promise<ChangedRenewal> {
    return this.patch(packPath(account, pack), { renewal });
  }

  /** It ends with the term. */
  endRenewal(account: string, pack: string): Promise<ChangedRenewal> {
    return this.delete(packPath(account, pack));
  }

  /** Takes back a purchase or an automatic upgrade of the open period, once per `idempotencyKey`. */
  cancelPack(
    account: string,
    pack: string,
    body: CancelPack,
    idempotencyKey: string = crypto.randomUUID(),
  ): Promise<CancelledPack> {
    return this.postOnce(`${packPath(account, pack)}/cancel`, body, idempotencyKey);
  }

  /** With every setting that may be chosen, and when it would take effect. */
  settings(account: string): Promise<CurrentSettings> {
    return this.get(`${accountPath(account)}/settings`);
  }

  /** What a change would come to; nothing is changed. `maximum` is credits or "none". */
  settingsQuote(account: string, query: SettingsQuoteQuery = {}): Promise<SettingsQuote> {
    return this.get(`${accountPath(account)}/settings/quote`, query);
  }

  changeSettings(account: string, body: ChangeSettings): Promise<ChangedSettings> {
    return this.put(`${accountPath(account)}/settings`, body);
  }

  /** Drops the change of setting that waits for the reset. */
  cancelPendingSetting(account: string): Promise<Settings> {
    return this.delete(`${accountPath(account)}/settings/pending`);
  }

  grants(account: string): Promise<Page<Grant>> {
    return this.get(`${accountPath(account)}/grants`);
  }

  /** One-off credits, once per `idempotencyKey`. */
  grant(account: string, body: AddGrant, idempotencyKey: string = crypto.randomUUID()): Promise<Granted> {
    return this.postOnce(`${accountPath(account)}/grants`, body, idempotencyKey);
  }

  conversions(account: string): Promise<Page<Conversion>> {
    return this.get(`${accountPath(account)}/conversions`);
  }

  /** Packs of an earlier product, once per `idempotencyKey`. */
  convert(account: string, body: Convert, idempotencyKey: string = crypto.randomUUID()): Promise<Converted> {
    return this.postOnce(`${accountPath(account)}/conversions`, body, idempotencyKey);
  }

  /** The same for many accounts, from a CSV file; each row is converted once, however often the file is sent. */
  importConversions(csv: string, options: { readonly dryRun?: boolean } = {}): Promise<ImportReport> {
    const path = "/v1/conversions/import";
    return this.transport.json({ method: "POST", path, query: options, body: csv, contentType: "text/csv" });
  }

  /** Versions of the account's own rates that may still count. */
  accountRates(account: string): Promise<Page<AccountRates>> {
    return this.get(`${accountPath(account)}/rates/versions`);
  }

  /** Publishes the next version. Not repeated: each call publishes one. */
  setAccountRates(account: string, body: SetAccountRates): Promise<AccountRates> {
    return this.put(`${accountPath(account)}/rates`, body, { retry: false });
  }

  /** One that is not in force yet. */
  withdrawAccountRates(
    account: string,
    version: number,
    options: { readonly shortNotice?: boolean } = {},
  ): Promise<AccountRates> {
    return this.delete(at`/v1/accounts/${account}/rates/versions/${version}`, options);
  }
}

function packPath(account: string, pack: string): string {
  return at`/v1/accounts/${account}/packs/${pack}`;
}
