/** The first two steps of other credit settings: what happens above the limit, and the maximum. */
import type { FormState } from "../../form.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { ChoiceField } from "../../parts/fields.tsx";
import { StepForm } from "../../parts/steps.tsx";
import { SETTING_WORDS } from "./setting-names.ts";
import { MaximumFields, refusalSentence, type Setting, settingSentence } from "./setting-words.tsx";
import { CHANGE, SETTING_STEP, type SettingsData, stepBack } from "./settings-form.ts";

interface StepProps {
  readonly data: SettingsData;
  readonly page: AccountPage;
  readonly state: FormState;
}

export function SettingStep({ data, page, state }: StepProps): Html {
  const { settings, balance, packs } = data;
  const { format, root } = page;
  const { currency } = balance.money;
  const chosen = page.query.setting ?? settings.pending?.overageSetting ?? settings.overageSetting;
  return (
    <StepForm name={CHANGE} state={state} submit="Next: maximum" to={`${root}/settings`}>
      <ChoiceField
        form={CHANGE}
        state={state}
        type="radio"
        name="setting"
        label="What should happen above the limit?"
        hint={`The limit is ${format.creditsExact(settings.limit)} credits in this month.`}
        chosen={[chosen]}
        options={settings.choices.map((choice) => {
          const refusal = refusalSentence(choice, currency);
          const { overageSetting } = choice;
          return {
            value: overageSetting,
            label:
              SETTING_WORDS[overageSetting] +
              (overageSetting === settings.overageSetting ? " (in force)" : ""),
            hint: refusal ?? settingSentence(overageSetting, { balance, packs, format }),
            disabled: refusal !== null,
          };
        })}
      />
    </StepForm>
  );
}

export function MaximumStep({ data, page, state, setting }: StepProps & { setting: Setting }): Html {
  const { settings, balance } = data;
  const { format, root } = page;
  const { overage, held } = balance;
  const used = `${format.credits(balance.used)} are used${held === 0 ? "" : ` and ${format.credits(held)} held`} in this month so far`;
  return (
    <StepForm
      name={CHANGE}
      state={state}
      submit="Next: review"
      to={`${root}/settings`}
      carried={{ setting }}
      back={stepBack(page.url, SETTING_STEP)}
    >
      <MaximumFields
        form={CHANGE}
        state={state}
        maximum={settings.maximum}
        query={page.query}
        hint={`Digits, such as 6500. Your limit is ${format.creditsExact(settings.limit)}; ${used}${overage === 0 ? "" : ", above the limit already"}.`}
      />
    </StepForm>
  );
}
