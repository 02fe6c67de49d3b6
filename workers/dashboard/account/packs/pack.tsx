/** One holding of packs: its terms, what it becomes when the term ends, and taking it back (rules, 5.3 and 5.10). */

import type { OwnedPack, OwnedPacks } from "../../../../shared/client/types.ts";
import { multiplyMoney } from "../../../../shared/credits/money.ts";
import { isCancellable } from "../../../../shared/credits/packs.ts";
import { accountPage } from "../../define.tsx";
import type { FormState, FormValues } from "../../form.ts";
import { type AccountPage, type Html, PageNotFound } from "../../page.tsx";
import { Card, Facts, PageHead } from "../../parts/blocks.tsx";
import { SelectField, TextField } from "../../parts/fields.tsx";
import { Form, Hidden } from "../../parts/form.tsx";
import { packPath } from "../../parts/paths.ts";
import { renewalText, SOURCES, termText } from "./pack-words.ts";
import { mayBuy } from "./packs.tsx";

const RENEW = "renewal";
const END = "end";
const CANCEL = "cancel";

interface PackData {
  readonly packs: OwnedPacks;
  readonly owned: OwnedPack;
}

interface PackProps extends PackData {
  readonly page: AccountPage;
  readonly form: FormState;
}

export const packPage = accountPage<PackData>({
  path: "/packs/:pack",
  nav: "packs",
  needs: "see_money",
  title: ({ owned }) => owned.name,
  load: async ({ client, account, context }) => {
    const packs = await client.packs(account);
    const owned = packs.data.find(({ id }) => id === context.req.param("pack"));
    if (owned === undefined) throw new PageNotFound();
    return { packs, owned };
  },
  view: (data, page, form) => {
    const { owned } = data;
    const props = { ...data, page, form };
    return (
      <>
        <p>
          <a href={`${page.root}/packs`}>All packs</a>
        </p>
        <PageHead
          title={owned.name}
          lead={`Monthly credits, ${SOURCES[owned.source]} on ${page.format.date(owned.addedAt)}`}
        />
        <Card title="What it is">
          <PackFacts {...props} />
        </Card>
        {mayBuy(page) ? <Renewal {...props} /> : null}
        {page.may("operate") ? <Cancellation {...props} /> : null}
      </>
    );
  },
  actions: {
    [RENEW]: {
      run: renew,
      fields: { "renewal.pack": "pack", "renewal.quantity": "quantity", renewal: "quantity" },
    },
    [END]: { run: end },
    [CANCEL]: { run: cancel },
  },
});

function PackFacts({ packs, owned, page: { format } }: PackProps): Html {
  const { quantity, credits, price } = owned;
  return (
    <Facts
      facts={[
        ["Packs", format.count(quantity)],
        [
          "Credits a month",
          quantity === 1
            ? format.creditsExact(credits)
            : `${format.creditsExact(credits * quantity)} (${format.count(quantity)} × ${format.creditsExact(credits)})`,
        ],
        ["Price a month", `${format.money(multiplyMoney(price, quantity))}, fixed until the term ends`],
        packs.term === null
          ? null
          : ["Term", `until ${format.date(packs.term.end)}, ${termText(packs.term, format)}`],
        ["Then", renewalText(owned, format)],
      ]}
    />
  );
}

function Renewal({ packs, owned, page, form }: PackProps): Html {
  const { format } = page;
  const { term } = packs;
  if (term === null) return <></>;
  if (owned.source !== "purchase") {
    return (
      <Card title="When the term ends">
        <p>{`Packs that were ${SOURCES[owned.source]} end with the term on ${format.date(term.end)} by themselves.`}</p>
      </Card>
    );
  }
  const { renewal } = owned;
  const onSale = packs.onSale.map(({ pack, name }) => ({ value: pack, label: name }));
  const known = onSale.some(({ value }) => value === renewal.pack);
  return (
    <Card title="When the term ends">
      <p>
        {`Until ${format.date(term.end)} nothing changes. Then it may renew as fewer or smaller packs, at the price of that day. More packs are bought, not renewed.`}
      </p>
      <Form name={RENEW} state={form} submit="Save the renewal">
        <SelectField
          form={RENEW}
          state={form}
          name="pack"
          label="Renews as"
          required
          value={renewal.pack}
          options={known ? onSale : [{ value: renewal.pack, label: renewal.name }, ...onSale]}
        />
        <TextField
          form={RENEW}
          state={form}
          type="numeric"
          name="quantity"
          label="How many"
          hint="0 ends it with the term."
          required
          value={renewal.quantity}
        />
      </Form>
      {renewal.quantity === 0 ? null : (
        <div class="after-form">
          <Form name={END} state={form} submit="Do not renew" danger />
        </div>
      )}
    </Card>
  );
}

/** The operator's: with a credit note. */
function Cancellation({ owned, page, form }: PackProps): Html {
  const { balance } = page.view;
  const held = balance.packs.find(({ id }) => id === owned.id);
  if (held === undefined || balance.closedAtMs !== null) return <></>;
  if (!isCancellable(held, { startMs: balance.periodStartMs })) return <></>;
  const own = form.refused === CANCEL ? form.values.text("key") : "";
  return (
    <Card title="Take it back">
      <p>
        As the operator you may cancel what was added in this month, with a credit note. What was used stays:
        the limit falls, not below it.
      </p>
      <Form name={CANCEL} state={form} submit="Cancel packs" danger>
        <Hidden name="key" value={own === "" ? crypto.randomUUID() : own} />
        <TextField
          form={CANCEL}
          state={form}
          type="numeric"
          name="quantity"
          label="How many"
          required
          value={owned.quantity}
        />
        <TextField
          form={CANCEL}
          state={form}
          name="reason"
          label="Reason"
          hint="It is said on the credit note."
          required
        />
      </Form>
    </Card>
  );
}

function packOf({ context }: AccountPage): string {
  return context.req.param("pack") ?? "";
}

async function renew(page: AccountPage, form: FormValues) {
  const { client, account, root, format } = page;
  const renewal = { pack: form.text("pack"), quantity: form.number("quantity") };
  const { pack, effectiveAt } = await client.changeRenewal(account, packOf(page), renewal);
  const said = `Saved. On ${format.date(effectiveAt)}: ${renewalText(pack, format)}.`;
  return { to: packPath(root, pack.id), said };
}

async function end(page: AccountPage) {
  const { client, account, root, format } = page;
  const { pack, effectiveAt } = await client.endRenewal(account, packOf(page));
  return { to: packPath(root, pack.id), said: `Saved. It ends on ${format.date(effectiveAt)}.` };
}

async function cancel(page: AccountPage, form: FormValues) {
  const { client, account, root, format } = page;
  const body = { quantity: form.number("quantity"), reason: form.text("reason") };
  const { cancelled, balance } = await client.cancelPack(account, packOf(page), body, form.text("key"));
  const said = `${format.count(cancelled.quantity)} × ${cancelled.name} cancelled, with a credit note. The limit is ${format.credits(balance.limit)} credits.`;
  return { to: `${root}/packs`, said };
}
