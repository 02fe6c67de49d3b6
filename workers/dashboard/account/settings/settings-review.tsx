/** The last step of other credit settings: what changes when, and what it may cost, from the account's own use. */
import type { SettingsQuote } from "../../../../shared/client/types.ts";
import type { FormState } from "../../form.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Facts } from "../../parts/blocks.tsx";
import { Form, FormMessage, Hidden } from "../../parts/form.tsx";
import { BackLink } from "../../parts/steps.tsx";
import { CostExample } from "./cost-example.tsx";
import { SETTING_WORDS } from "./setting-names.ts";
import { LIMITED, type Setting, UNLIMITED } from "./setting-words.tsx";
import { CHANGE, MAXIMUM_STEP, type SettingsData, stepBack } from "./settings-form.ts";

interface ReviewProps {
  readonly data: SettingsData;
  readonly page: AccountPage;
  readonly state: FormState;
  readonly setting: Setting;
}

export function SettingsReview({ data, page, state, setting }: ReviewProps): Html {
  const quote = data.chosen.answer;
  const back = stepBack(page.url, MAXIMUM_STEP);
  if (quote === null) {
    return (
      <>
        <FormMessage name={CHANGE} state={state} />
        <BackLink to={back} />
      </>
    );
  }
  const changes = changesOf(data, quote, page);
  if (changes.length === 0) {
    return (
      <>
        <p>These are the settings that are in force: nothing would change.</p>
        <BackLink to={`${page.root}/settings`} />
      </>
    );
  }
  return (
    <>
      <Facts facts={changes} />
      <Warnings data={data} quote={quote} page={page} />
      <Costs now={data.now.answer} packs={data.packs} quote={quote} page={page} />
      <Form name={CHANGE} state={state} submit="Confirm the change" beside={<BackLink to={back} />}>
        <Hidden name="setting" value={setting} />
        <Hidden name="limit" value={quote.maximum === null ? UNLIMITED : LIMITED} />
        <Hidden name="maximum" value={quote.maximum === null ? "" : String(quote.maximum)} />
      </Form>
    </>
  );
}

function changesOf({ settings }: SettingsData, quote: SettingsQuote, { format }: AccountPage) {
  const { overageSetting, pending, maximum } = settings;
  const maximumText = (credits: number | null) =>
    credits === null ? "no maximum" : `${format.creditsExact(credits)} credits`;
  const changes: (readonly [string, Html])[] = [];
  if (quote.overageSetting !== overageSetting) {
    const then = SETTING_WORDS[quote.overageSetting];
    const now = SETTING_WORDS[overageSetting];
    changes.push(["Above the limit", <Change then={then} now={now} when={whenText(quote, format)} />]);
  } else if (pending !== null) {
    const now = SETTING_WORDS[pending.overageSetting];
    changes.push(["Waiting change", <Change then="Dropped" now={now} when="at once" />]);
  }
  if (quote.maximum !== maximum) {
    const then = quote.maximum === null ? "No maximum" : maximumText(quote.maximum);
    changes.push(["Maximum a month", <Change then={then} now={maximumText(maximum)} when="at once" />]);
  }
  return changes;
}

interface ChangeProps {
  readonly then: string;
  readonly now: string;
  readonly when: string;
}

function Change({ then, now, when }: ChangeProps): Html {
  return (
    <>
      <strong>{then}</strong>
      <br />
      <span class="muted">{`instead of ${now}, ${when}`}</span>
    </>
  );
}

function whenText({ effectiveAt }: SettingsQuote, format: AccountPage["format"]): string {
  return effectiveAt === null
    ? "at once: nothing was used in this month yet"
    : `with the reset on ${format.date(effectiveAt)}: credits were used in this month already`;
}

/** What a lower maximum does at once. */
function Warnings({
  data,
  quote,
  page,
}: {
  data: SettingsData;
  quote: SettingsQuote;
  page: AccountPage;
}): Html {
  const { maximum } = quote;
  const { format } = page;
  const { limit } = data.settings;
  if (maximum === null) return <></>;
  if (quote.maximumReached) {
    const { used, held } = data.balance;
    return (
      <p class="form-message">
        {`${format.credits(used + held)} credits are used or held already: with this maximum, features that use credits stop as soon as you confirm.`}
      </p>
    );
  }
  if (maximum >= limit) return <></>;
  return (
    <p class="muted">
      {`The maximum is below the limit of ${format.creditsExact(limit)} credits: ${format.creditsExact(limit - maximum)} of them could not be used.`}
    </p>
  );
}

interface CostsProps {
  /** Under the settings as they are. */
  readonly now: SettingsQuote | null;
  readonly packs: SettingsData["packs"];
  readonly quote: SettingsQuote;
  readonly page: AccountPage;
}

function Costs({ now, packs, quote, page }: CostsProps): Html {
  return (
    <>
      <h3>What a month may cost</h3>
      {quote.examples.length === 0 ? (
        <p class="muted">There is no use yet that could serve as an example.</p>
      ) : (
        quote.examples.map((example) => (
          <CostExample
            example={example}
            packs={packs}
            before={now?.examples.find(({ basis }) => basis === example.basis) ?? null}
            page={page}
          />
        ))
      )}
    </>
  );
}
