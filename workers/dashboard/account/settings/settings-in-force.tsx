/** The settings as they are: in force, waiting, or closed because there are no packs (rules, 5.1, 5.7 and 5.8). */
import type { FormState } from "../../form.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge, Card, Facts } from "../../parts/blocks.tsx";
import { Form } from "../../parts/form.tsx";
import { SETTING_WORDS } from "./setting-names.ts";
import { settingSentence } from "./setting-words.tsx";
import { CANCEL, type SettingsData } from "./settings-form.ts";

interface InForceProps {
  readonly data: SettingsData;
  readonly page: AccountPage;
  readonly form: FormState;
}

export function SettingsInForce({ data, page, form }: InForceProps): Html {
  const { settings, balance, packs } = data;
  const { format } = page;
  const { overageSetting, maximum, pending } = settings;
  return (
    <>
      {pending === null ? null : <Waiting pending={pending} page={page} form={form} />}
      <Card title="In force">
        <p>
          <strong>{SETTING_WORDS[overageSetting]}</strong>
          <br />
          <span class="muted">{settingSentence(overageSetting, { balance, packs, format })}</span>
        </p>
        <Facts
          facts={[
            [
              "Maximum a month",
              maximum === null ? (
                "None"
              ) : (
                <>
                  {`${format.creditsExact(maximum)} credits `}
                  {balance.state === "maximum_reached" ? <Badge tone="critical">Reached</Badge> : null}
                </>
              ),
            ],
            ["Limit this month", `${format.creditsExact(settings.limit)} credits`],
            [
              "Used so far",
              `${format.credits(balance.used)} credits${balance.held === 0 ? "" : `, and ${format.credits(balance.held)} held`}`,
            ],
            ["Next reset", format.date(balance.period.end)],
          ]}
        />
      </Card>
    </>
  );
}

interface WaitingProps {
  readonly pending: NonNullable<SettingsData["settings"]["pending"]>;
  readonly page: AccountPage;
  readonly form: FormState;
}

function Waiting({ pending, page, form }: WaitingProps): Html {
  const { format } = page;
  return (
    <Card title="Waiting for the reset">
      <p>
        <strong>{SETTING_WORDS[pending.overageSetting]}</strong>
        {` takes effect with the reset on ${format.date(pending.effectiveAt)}. Until then nothing changes.`}
      </p>
      {page.may("change_settings") ? (
        <Form name={CANCEL} state={form} submit="Cancel this change" danger inline />
      ) : null}
    </Card>
  );
}

/** Why nothing can be chosen, and the way to it. */
export function WithoutPacks({ page }: { readonly page: AccountPage }): Html {
  const { root, format, view } = page;
  const canBuy = page.may("change_settings") && view.balance.closedAtMs === null;
  return (
    <Card title="Settings come with packs">
      <p>
        {`This account has no packs. Its credits are included in the plan, so features pause when they are used up, until the reset on ${format.date(view.balance.resetAtMs)}. With the first pack you choose what happens above the limit, and may set a maximum.`}
      </p>
      {canBuy ? (
        <p>
          <a class="button" href={`${root}/packs/buy`}>
            Add credits
          </a>
        </p>
      ) : (
        <p class="muted">A super admin or a billing admin can buy packs.</p>
      )}
    </Card>
  );
}
