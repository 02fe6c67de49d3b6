/** Credit settings: what is in force, and the way to other ones in three steps (rules, 5.1 and 5.5 to 5.8). */
import type { SettingsQuote } from "../../../../shared/client/types.ts";
import { type Asked, askFor, NOT_ASKED } from "../../asked.ts";
import { accountPage } from "../../define.tsx";
import type { FormState, FormValues } from "../../form.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, PageHead } from "../../parts/blocks.tsx";
import { Steps } from "../../parts/steps.tsx";
import { SETTING_WORDS } from "./setting-names.ts";
import { maximumAsked, maximumSent, NO_PRICE, type Setting } from "./setting-words.tsx";
import { CANCEL, CHANGE, MAXIMUM_STEP, SETTING_STEP, type SettingsData } from "./settings-form.ts";
import { SettingsInForce, WithoutPacks } from "./settings-in-force.tsx";
import { SettingsReview } from "./settings-review.tsx";
import { MaximumStep, SettingStep } from "./settings-steps.tsx";

const STEPS = ["Above the limit", "Maximum", "Review"];
const FIELDS = { overageSetting: "setting" };

export const settingsPage = accountPage<SettingsData>({
  path: "/settings",
  nav: "settings",
  needs: "see_money",
  title: "Credit settings",
  load: async (page) => {
    const { client, account } = page;
    const [settings, balance, packs, now, chosen] = await Promise.all([
      client.settings(account),
      client.balance(account),
      client.packs(account),
      isReview(page) ? askFor(page, CHANGE, () => client.settingsQuote(account)) : NOT_ASKED,
      quoteChosen(page),
    ]);
    return { settings, balance, packs, now, chosen };
  },
  view: (data, page, form) => {
    const state = form.refused === CHANGE ? form : data.chosen.state;
    const step = stepOf(page, state);
    return (
      <>
        <PageHead
          title="Credit settings"
          lead="What happens when the credits of a month are used up, and the most that may be used."
        />
        {step === 0 ? <SettingsInForce data={data} page={page} form={form} /> : null}
        {data.settings.choices.every(({ refused }) => refused === "packs_required") ? (
          <WithoutPacks page={page} />
        ) : page.may("change_settings") && data.balance.closedAt === null ? (
          <Card title="Change the settings">
            <Steps names={STEPS} current={step} />
            <Step step={step} data={data} page={page} state={state} />
          </Card>
        ) : null}
      </>
    );
  },
  actions: {
    [CHANGE]: { run: change, fields: FIELDS },
    [CANCEL]: { run: cancelPending },
  },
});

interface StepViewProps {
  readonly step: number;
  readonly data: SettingsData;
  readonly page: AccountPage;
  readonly state: FormState;
}

function Step({ step, data, page, state }: StepViewProps): Html {
  const setting = settingAsked(page);
  if (step === 0 || setting === null) return <SettingStep data={data} page={page} state={state} />;
  if (step === 1) return <MaximumStep data={data} page={page} state={state} setting={setting} />;
  return <SettingsReview data={data} page={page} state={state} setting={setting} />;
}

/** A step that was passed with a bad value is shown again; `at` goes back with what was chosen. */
function stepOf(page: AccountPage, { errors }: FormState): number {
  const { setting, limit, at } = page.query;
  if (setting === undefined || errors.setting !== undefined || at === SETTING_STEP) return 0;
  return limit === undefined || errors.maximum !== undefined || at === MAXIMUM_STEP ? 1 : 2;
}

function isReview({ query }: AccountPage): boolean {
  return query.setting !== undefined && query.limit !== undefined;
}

/** The API decides whether what is chosen so far is possible. */
async function quoteChosen(page: AccountPage): Promise<Asked<SettingsQuote>> {
  const { setting } = page.query;
  if (setting === undefined) return NOT_ASKED;
  const maximum = maximumAsked(page.query);
  const query = { overageSetting: setting as Setting, ...(maximum === undefined ? {} : { maximum }) };
  return askFor(page, CHANGE, () => page.client.settingsQuote(page.account, query), {
    fields: FIELDS,
    codes: { overage_price_missing: { setting: NO_PRICE } },
  });
}

function settingAsked({ query }: AccountPage): Setting | null {
  const { setting } = query;
  return setting !== undefined && Object.hasOwn(SETTING_WORDS, setting) ? (setting as Setting) : null;
}

async function change({ client, account, root, format }: AccountPage, form: FormValues) {
  const setting = form.text("setting") as Setting;
  const body = { overageSetting: setting, maximum: maximumSent(form) };
  const { effectiveAt } = await client.changeSettings(account, body);
  const name = SETTING_WORDS[setting];
  const said =
    effectiveAt === null
      ? `Saved. In force now: ${name}.`
      : `Saved. From the reset on ${format.date(effectiveAt)}: ${name}.`;
  return { to: `${root}/settings`, said };
}

async function cancelPending({ client, account, root }: AccountPage) {
  const { overageSetting } = await client.cancelPendingSetting(account);
  return {
    to: `${root}/settings`,
    said: `The change was cancelled. In force: ${SETTING_WORDS[overageSetting]}.`,
  };
}
