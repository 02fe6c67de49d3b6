/** Packs: what the account has, until when and what becomes of it, and what is on sale (rules, 5.2, 5.3, 2.5 and 11). */

import type { Balance, OwnedPacks } from "../../../../shared/client/types.ts";
import { multiplyMoney } from "../../../../shared/credits/money.ts";
import { accountPage } from "../../define.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Empty, Figures, PageHead, Table } from "../../parts/blocks.tsx";
import { buyPath, packPath } from "../../parts/paths.ts";
import { renewalText, SOURCES, termText } from "./pack-words.ts";

interface PacksData {
  readonly packs: OwnedPacks;
  readonly balance: Balance;
}

interface PacksProps extends PacksData {
  readonly page: AccountPage;
}

export const packsPage = accountPage<PacksData>({
  path: "/packs",
  nav: "packs",
  needs: "see_money",
  title: "Packs",
  load: async ({ client, account }) => {
    const [packs, balance] = await Promise.all([client.packs(account), client.balance(account)]);
    return { packs, balance };
  },
  view: (data, page) => {
    const { packs, balance } = data;
    const canBuy = mayBuy(page) && packs.onSale.length > 0;
    return (
      <>
        <PageHead
          title="Packs"
          lead="A pack adds credits to every month, for the rest of the commitment term."
        >
          {canBuy ? (
            <a class="button" href={`${page.root}/packs/buy`}>
              Buy packs
            </a>
          ) : null}
        </PageHead>
        <Card>
          <LimitFigures {...data} page={page} />
        </Card>
        <Card title="Your packs">
          {packs.data.length === 0 ? (
            <Empty text="No packs yet: the account has the credits of its plan." />
          ) : (
            <OwnedTable {...data} page={page} />
          )}
        </Card>
        <Conversions {...data} page={page} />
        <Grants balance={balance} page={page} />
        <Card title="On sale">
          {packs.onSale.length === 0 ? (
            <Empty text={`No pack is on sale in ${balance.money.currency}.`} />
          ) : (
            <OnSaleTable {...data} page={page} />
          )}
        </Card>
      </>
    );
  },
});

/** Whether the viewer may buy and change packs here. */
export function mayBuy({ may, view }: AccountPage): boolean {
  return may("change_settings") && view.balance.closedAtMs === null;
}

function LimitFigures({ packs, balance, page: { format } }: PacksProps): Html {
  const { included, granted, limit, money } = balance;
  const parts = [
    `${format.credits(included)} of the plan`,
    ...(balance.packs === 0 ? [] : [`${format.credits(balance.packs)} of packs`]),
    ...(granted === 0 ? [] : [`${format.credits(granted)} one-off`]),
  ];
  return (
    <Figures
      figures={[
        { label: "Credits this month", value: format.credits(limit), note: format.list(parts) },
        { label: "Packs cost a month", value: format.money(money.packsAmount), note: "before tax" },
        {
          label: "Commitment term",
          value: packs.term === null ? "None" : `Until ${format.date(packs.term.end)}`,
          note: packs.term === null ? "it begins with the first pack" : termText(packs.term, format),
        },
      ]}
    />
  );
}

function OwnedTable({ packs, page }: PacksProps): Html {
  const { format, root } = page;
  return (
    <Table
      caption="Your packs"
      columns={[
        { label: "Pack" },
        { label: "Packs", number: true },
        { label: "Credits a month", number: true },
        { label: "Price a month", number: true },
        { label: "Added" },
        { label: "When the term ends" },
      ]}
      rows={packs.data.map((owned) => [
        <a class="break" href={packPath(root, owned.id)}>
          {owned.name}
        </a>,
        format.count(owned.quantity),
        format.creditsExact(owned.credits * owned.quantity),
        <>
          {format.money(multiplyMoney(owned.price, owned.quantity))}
          {owned.quantity === 1 ? null : <small>{`${format.money(owned.price)} each`}</small>}
        </>,
        <>
          <span class="nowrap">{format.date(owned.addedAt)}</span>
          <small>{SOURCES[owned.source]}</small>
        </>,
        renewalText(owned, format),
      ])}
    />
  );
}

function Conversions({ balance: { conversions }, page: { format } }: PacksProps): Html {
  if (conversions.length === 0) return <></>;
  return (
    <Card title="Converted credits to come">
      <Table
        caption="Converted credits to come"
        columns={[
          { label: "Pack" },
          { label: "Credits a month", number: true },
          { label: "Price a month", number: true },
          { label: "From" },
        ]}
        rows={conversions.map(({ converted, effectiveAt }) => [
          <span class="break">{converted.name}</span>,
          format.creditsExact(converted.credits * converted.quantity),
          format.money(multiplyMoney(converted.price, converted.quantity)),
          format.date(effectiveAt),
        ])}
      />
    </Card>
  );
}

function Grants({ balance: { grants }, page: { format } }: { balance: Balance; page: AccountPage }): Html {
  if (grants.length === 0) return <></>;
  return (
    <Card title="One-off credits">
      <Table
        caption="One-off credits"
        columns={[
          { label: "Reason" },
          { label: "Credits", number: true },
          { label: "For the month from" },
          { label: "Given" },
        ]}
        rows={grants.map(({ reason, credits, period, grantedAt }) => [
          <span class="break">{reason}</span>,
          format.creditsExact(credits),
          format.day(period),
          format.date(grantedAt),
        ])}
      />
    </Card>
  );
}

function OnSaleTable({ packs, page }: PacksProps): Html {
  const { format, root } = page;
  const canBuy = mayBuy(page);
  return (
    <Table
      caption="Packs on sale"
      columns={[
        { label: "Pack" },
        { label: "Credits a month", number: true },
        { label: "Price a month", number: true },
        { label: "Price a credit", number: true },
        ...(canBuy ? [{ label: "Buy", unseen: true }] : []),
      ]}
      rows={packs.onSale.map(({ pack, name, credits, price, pricePerCredit, upgrade }) => [
        <>
          <span class="break">{name}</span>
          {upgrade ? <small>Automatic upgrades add this one</small> : null}
        </>,
        format.creditsExact(credits),
        format.money(price),
        pricePerCredit === null ? "–" : format.unitPrice(pricePerCredit, price.currency),
        ...(canBuy
          ? [
              <a class="button secondary" href={buyPath(root, { pack })} aria-label={`Buy ${name}`}>
                Buy
              </a>,
            ]
          : []),
      ])}
    />
  );
}
