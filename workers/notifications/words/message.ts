/** What all words of notifications share: whom they are for, how a message is made up, names of settings. Pure. */
import type { Mode } from "../../../shared/api/common.ts";
import type { OverageSetting } from "../../../shared/credits/state.ts";
import type { NotificationContent } from "../../../shared/queues.ts";

/** Whom a text is for: times are in the account's own time zone. */
export interface Reader {
  readonly mode: Mode;
  readonly accountName: string;
  readonly timeZone: string;
}

export interface Message {
  readonly title: string;
  /** Plain text, one sentence or more each. */
  readonly paragraphs: readonly string[];
}

export type Content<Kind extends NotificationContent["kind"]> = Extract<
  NotificationContent,
  { readonly kind: Kind }
>;

const SETTING_NAMES: Record<OverageSetting, string> = {
  pause: "pause at the limit",
  auto_upgrade: "automatic upgrade",
  pay_as_you_go: "pay as you go",
};

export function settingName(setting: OverageSetting): string {
  return SETTING_NAMES[setting];
}

/** What the setting makes of usage that reaches the limit. */
export function atTheLimit(setting: OverageSetting, reset: string): string {
  switch (setting) {
    case "pause":
      return `At the limit, features that use credits stop until the reset on ${reset} or until a pack is bought.`;
    case "auto_upgrade":
      return "When usage goes above the limit, packs are added automatically and invoiced.";
    case "pay_as_you_go":
      return `Usage above the limit goes on and is invoiced after the reset on ${reset}.`;
  }
}

export function whatAdminsCanDo(setting: OverageSetting): string {
  switch (setting) {
    case "pause":
      return "A super admin or billing admin can buy a pack.";
    case "auto_upgrade":
    case "pay_as_you_go":
      return "A super admin or billing admin can buy a pack, set a maximum or choose another overage setting.";
  }
}

const NAMES_MAX = 10;

/** "a, b and 3 more": a list that stays readable however long it is. */
export function namesText(names: readonly string[]): string {
  const more = names.length - NAMES_MAX;
  return more <= 0 ? names.join(", ") : `${names.slice(0, NAMES_MAX).join(", ")} and ${more} more`;
}
