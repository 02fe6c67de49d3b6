/** Pausing a feature by hand and resuming it (rules, 2.3 and 9). */
import type { AccountFeature } from "../../../../shared/client/types.ts";
import type { Done } from "../../define.tsx";
import type { FormState } from "../../form.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card } from "../../parts/blocks.tsx";
import { Form } from "../../parts/form.tsx";

export async function pause(page: AccountPage, feature: string): Promise<Done> {
  const { name } = await page.client.putFeature(page.account, feature, { paused: true });
  return { to: page.url.pathname, said: `${name} is paused: its use is denied until it is resumed.` };
}

export async function resume(page: AccountPage, feature: string): Promise<Done> {
  const { name } = await page.client.putFeature(page.account, feature, { paused: false });
  return { to: page.url.pathname, said: `${name} is resumed.` };
}

interface PauseProps {
  readonly feature: AccountFeature;
  readonly page: AccountPage;
  readonly form: FormState;
}

/** Nothing for who may not do it while it is not paused. */
export function PauseCard({ feature, page, form }: PauseProps): Html {
  const { paused, name } = feature;
  const mayPause = page.may("pause_features", { feature: feature.feature });
  if (!mayPause && !paused) return <></>;
  return (
    <Card title={paused ? "Paused by hand" : "Pause"}>
      <p>
        {paused
          ? "All its use is denied until it is resumed, also after the reset."
          : "Stops all its use at once, until it is resumed. Open holds can still be captured."}
      </p>
      {mayPause ? (
        <Form
          name={paused ? "resume" : "pause"}
          state={form}
          submit={paused ? "Resume" : "Pause"}
          submitLabel={`${paused ? "Resume" : "Pause"} ${name}`}
          danger={!paused}
        />
      ) : null}
    </Card>
  );
}
