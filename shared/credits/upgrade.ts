/** Automatic upgrades (rules, sections 5.4, 5.8 and 7.2): packs that a use adds in the same decision. */
import { type AuditContent, SYSTEM_ACTOR } from "./audit.ts";
import type { BillingEvent, PackCharge } from "./billing-facts.ts";
import { type Catalog, type CatalogPack, upgradePack } from "./catalog.ts";
import type { Money } from "./money.ts";
import type { NoticeContent } from "./notices.ts";
import { localDay, localDaySpan } from "./period.ts";
import { type AccountState, isOfPeriod, limitMicros, type OwnedPack } from "./state.ts";

export interface Upgrade {
  readonly pack: string;
  readonly packs: number;
  /** Price of all of them for the running period. */
  readonly price: Money;
}

export interface Upgraded {
  readonly state: AccountState;
  readonly upgrade: Upgrade;
  /** Id of the holding that the packs joined. */
  readonly holding: string;
}

/** The account with so many more of the upgrade pack; there has to be one on sale. */
export function addUpgrade(state: AccountState, packs: number, catalog: Catalog, nowMs: number): Upgraded {
  const pack = upgradePack(catalog, state.terms.currency);
  if (pack === null) throw new Error("no upgrade pack is on sale");
  const price = { amountMinor: pack.price.amountMinor * packs, currency: pack.price.currency };
  const { holding, ...joined } = withAutomaticPacks(state, pack, packs, nowMs);
  return {
    holding,
    state: {
      ...state,
      ...joined,
      period: { ...state.period, automaticPacks: state.period.automaticPacks + packs },
      upgradeDayEndMs: localDaySpan(nowMs, state.terms.timeZone).endMs,
    },
    upgrade: { pack: pack.pack, packs, price },
  };
}

/**
 * Automatic packs of one local day are one holding, as they are one invoice (7.2): small packs may be added
 * thousands of times, and the state has to stay small.
 */
function withAutomaticPacks(
  state: AccountState,
  pack: CatalogPack & { readonly price: Money },
  quantity: number,
  nowMs: number,
): Pick<AccountState, "packs" | "issued"> & Pick<Upgraded, "holding"> {
  const { pack: id, name, creditsMicros, price } = pack;
  const terms = { pack: id, name, creditsMicros, price };
  const owned: OwnedPack = {
    ...terms,
    id: `pack_${state.issued.packs + 1}`,
    quantity,
    source: "automatic",
    addedAtMs: nowMs,
    period: state.period.name,
    renewal: { ...terms, quantity: 0 },
  };
  const same = state.packs.find((known) => isSameHolding(known, owned, state));
  if (same !== undefined) {
    const grown = { ...same, quantity: same.quantity + quantity };
    const packs = state.packs.map((known) => (known === same ? grown : known));
    return { packs, issued: state.issued, holding: same.id };
  }
  return {
    holding: owned.id,
    packs: [...state.packs, owned],
    issued: { ...state.issued, packs: state.issued.packs + 1 },
  };
}

function isSameHolding(
  held: OwnedPack,
  added: OwnedPack,
  { period, terms: { timeZone } }: AccountState,
): boolean {
  return (
    held.source === "automatic" &&
    held.pack === added.pack &&
    held.creditsMicros === added.creditsMicros &&
    held.price.amountMinor === added.price.amountMinor &&
    isOfPeriod(held, period) &&
    localDay(held.addedAtMs, timeZone) === localDay(added.addedAtMs, timeZone)
  );
}

export function upgradeNotice(state: AccountState, upgrade: Upgrade, catalog: Catalog): NoticeContent {
  const pack = catalog.packs.find((candidate) => candidate.pack === upgrade.pack);
  return {
    kind: "automatic_upgrade",
    pack: upgrade.pack,
    packName: pack?.name ?? upgrade.pack,
    packs: upgrade.packs,
    price: upgrade.price,
    usedMicros: state.usage.usedMicros,
    limitMicros: limitMicros(state),
  };
}

/** Names the charge of all automatic packs of a local day. */
export function upgradeSource(day: string): string {
  return `upgrade:${day}`;
}

/** The charge of the local day so far: its packs are one invoice, which grows until the day is over (7.2). */
export function upgradeCharge(state: AccountState, nowMs: number): BillingEvent {
  const day = localDaySpan(nowMs, state.terms.timeZone);
  const packs = automaticPacksOf(state, day.name);
  const { name, startMs, endMs } = state.period;
  return {
    kind: "packs_charged",
    cause: "upgrade",
    source: upgradeSource(day.name),
    packs: packs.map(packCharge),
    period: { name, startMs, endMs },
    growsUntilMs: day.endMs,
  };
}

function automaticPacksOf({ packs, terms, period }: AccountState, day: string): readonly OwnedPack[] {
  return packs.filter(
    (pack) =>
      pack.source === "automatic" &&
      isOfPeriod(pack, period) &&
      localDay(pack.addedAtMs, terms.timeZone) === day,
  );
}

export function packCharge({ pack, name, creditsMicros, quantity, price }: OwnedPack): PackCharge {
  return { pack, name, creditsMicros, quantity, price };
}

export function upgradeAudit(
  before: AccountState,
  after: AccountState,
  { upgrade, holding }: Upgraded,
): AuditContent {
  return {
    actor: SYSTEM_ACTOR,
    action: "automatic_upgrade",
    target: holding,
    before: { limitMicros: limitMicros(before) },
    after: { limitMicros: limitMicros(after), ...upgrade },
  };
}
