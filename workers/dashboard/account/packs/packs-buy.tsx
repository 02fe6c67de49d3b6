/** Buying packs: which and how many, then what that comes to, then the purchase (rules, 5.2, 5.9 and 7.2). */
import type { Balance, OwnedPacks, PackQuote } from "../../../../shared/client/types.ts";
import { type Asked, askFor, NOT_ASKED } from "../../asked.ts";
import { accountPage } from "../../define.tsx";
import type { FormState, FormValues } from "../../form.ts";
import { type AccountPage, type Html, PageNotFound } from "../../page.tsx";
import { Card, Empty, PageHead } from "../../parts/blocks.tsx";
import { ChoiceField, TextField } from "../../parts/fields.tsx";
import { StepForm, Steps } from "../../parts/steps.tsx";
import { SETTING_WORDS } from "../settings/setting-names.ts";
import {
  MaximumFields,
  maximumAsked,
  maximumSent,
  NO_PRICE,
  type Setting,
  settingSentence,
} from "../settings/setting-words.tsx";
import { mayBuy } from "./packs.tsx";
import { PurchaseReview } from "./packs-buy-review.tsx";

const BUY = "buy";
const STEPS = ["Packs", "Review"];
const FIELDS = { overageSetting: "setting" };
const SETTINGS: readonly Setting[] = ["auto_upgrade", "pay_as_you_go", "pause"];

interface BuyData {
  readonly packs: OwnedPacks;
  readonly balance: Balance;
  readonly quote: Asked<PackQuote>;
}

export const buyPacksPage = accountPage<BuyData>({
  path: "/packs/buy",
  nav: "packs",
  needs: "see_money",
  title: "Buy packs",
  load: async (page) => {
    if (!page.may("change_settings")) throw new PageNotFound();
    const { client, account } = page;
    const [packs, balance, quote] = await Promise.all([
      client.packs(account),
      client.balance(account),
      quoteChosen(page),
    ]);
    return { packs, balance, quote };
  },
  view: (data, page, form) => {
    const state = form.refused === BUY ? form : data.quote.state;
    const back = page.query.at !== undefined || Object.keys(state.errors).length > 0;
    const quote = back ? null : data.quote.answer;
    return (
      <>
        <PageHead title="Buy packs" lead="The credits count at once, and again in every month of the term." />
        {!mayBuy(page) || data.packs.onSale.length === 0 ? (
          <Card>
            <Empty
              text={`Nothing can be bought: no pack is on sale in ${data.balance.money.currency}, or the account is closed.`}
            />
          </Card>
        ) : (
          <Card>
            <Steps names={STEPS} current={quote === null ? 0 : 1} />
            {quote === null ? (
              <PacksStep data={data} page={page} state={state} />
            ) : (
              <PurchaseReview form={BUY} quote={quote} page={page} state={state} />
            )}
          </Card>
        )}
      </>
    );
  },
  actions: { [BUY]: { run: buy, fields: FIELDS } },
});

interface StepProps {
  readonly data: BuyData;
  readonly page: AccountPage;
  readonly state: FormState;
}

function PacksStep({ data, page, state }: StepProps): Html {
  const { packs } = data;
  const { format, root, query } = page;
  const [first] = packs.onSale;
  return (
    <StepForm name={BUY} state={state} submit="Next: review" to={`${root}/packs/buy`} back={`${root}/packs`}>
      <ChoiceField
        form={BUY}
        state={state}
        type="radio"
        name="pack"
        label="Which pack?"
        chosen={[query.pack ?? first?.pack ?? ""]}
        options={packs.onSale.map(({ pack, name, credits, price }) => ({
          value: pack,
          label: name,
          hint: `${format.creditsExact(credits)} credits for ${format.money(price)} a month`,
        }))}
      />
      <TextField
        form={BUY}
        state={state}
        type="numeric"
        name="quantity"
        label="How many?"
        required
        value={query.quantity ?? "1"}
      />
      {packs.term === null ? <FirstPackFields data={data} page={page} state={state} /> : null}
    </StepForm>
  );
}

/** The first pack opens the settings. */
function FirstPackFields({ data, page, state }: StepProps): Html {
  const { balance, packs } = data;
  const { format, query } = page;
  return (
    <>
      <ChoiceField
        form={BUY}
        state={state}
        type="radio"
        name="setting"
        label="What should happen above the limit?"
        hint="With the first pack you choose; it holds at once. You can change it later under Credit settings."
        chosen={[query.setting ?? "auto_upgrade"]}
        options={SETTINGS.map((setting) => ({
          value: setting,
          label: SETTING_WORDS[setting],
          hint: settingSentence(setting, { balance, packs, format }),
        }))}
      />
      <MaximumFields
        form={BUY}
        state={state}
        maximum={null}
        query={query}
        hint={`Digits, such as 6500. The limit is ${format.creditsExact(balance.limit)} credits without the packs.`}
      />
    </>
  );
}

/** Nothing is asked before the form of the first step was sent. */
async function quoteChosen(page: AccountPage): Promise<Asked<PackQuote>> {
  const { pack, quantity, setting } = page.query;
  if (pack === undefined || quantity === undefined) return NOT_ASKED;
  const maximum = maximumAsked(page.query);
  const query = {
    pack,
    quantity: quantity.trim(),
    ...(setting === undefined ? {} : { overageSetting: setting as Setting }),
    ...(maximum === undefined ? {} : { maximum }),
  };
  return askFor(page, BUY, () => page.client.packQuote(page.account, query), {
    fields: FIELDS,
    codes: { overage_price_missing: { setting: NO_PRICE } },
  });
}

async function buy({ client, account, root, format }: AccountPage, form: FormValues) {
  const setting = form.optional("setting");
  const { bought, balance } = await client.buyPack(
    account,
    {
      pack: form.text("pack"),
      quantity: form.number("quantity"),
      ...(setting === undefined ? {} : { overageSetting: setting as Setting }),
      ...(form.optional("limit") === undefined ? {} : { maximum: maximumSent(form) }),
    },
    form.text("key"),
  );
  const said = `Bought: ${format.count(bought.quantity)} × ${bought.name}. The limit is now ${format.credits(balance.limit)} credits.`;
  return { to: `${root}/packs`, said };
}
