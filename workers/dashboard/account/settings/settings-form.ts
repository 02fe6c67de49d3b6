/** What the steps of the credit settings share: what was read, names of forms and addresses of steps. */
import type { Balance, CurrentSettings, OwnedPacks, SettingsQuote } from "../../../../shared/client/types.ts";
import type { Asked } from "../../asked.ts";
import { withQuery } from "../../parts/blocks.tsx";

export const CHANGE = "change";
export const CANCEL = "cancel";

export interface SettingsData {
  readonly settings: CurrentSettings;
  readonly balance: Balance;
  readonly packs: OwnedPacks;
  /** Of the settings as they are. */
  readonly now: Asked<SettingsQuote>;
  /** Of those that are chosen so far. */
  readonly chosen: Asked<SettingsQuote>;
}

/** Values of the query's `at`. */
export const SETTING_STEP = "setting";
export const MAXIMUM_STEP = "maximum";

/** Address of an earlier step, with what was chosen so far. */
export function stepBack(url: URL, at: string): string {
  return withQuery(url, { at });
}
