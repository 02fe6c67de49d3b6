/** How each overage setting is called (rules, 5.1, 5.4 and 5.5). */
import type { OverageSetting } from "../../../../shared/credits/state.ts";

export const SETTING_WORDS: Readonly<Record<OverageSetting, string>> = {
  pause: "Pause until the reset",
  auto_upgrade: "Add packs automatically",
  pay_as_you_go: "Pay as you go",
};
