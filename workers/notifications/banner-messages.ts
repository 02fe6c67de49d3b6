/** The words of each banner: what is true now and what an admin can do. Pure. */
import type { Banner } from "../../shared/credits/banners.ts";
import { creditsText, instantText, moneyText } from "../../shared/text.ts";
import { settingName } from "./words/message.ts";

export interface BannerMessage {
  readonly title: string;
  readonly text: string;
}

/** `nameOf` says what people call a feature. */
export function bannerMessageOf(
  banner: Banner,
  timeZone: string,
  nameOf: (feature: string) => string,
): BannerMessage {
  const until = banner.untilMs === null ? null : instantText(banner.untilMs, timeZone);
  switch (banner.kind) {
    case "usage_threshold": {
      const maximum = banner.subject === "maximum";
      return {
        title: `${banner.percent}% of the ${maximum ? "maximum monthly" : "monthly"} credit limit is used`,
        text: `${creditsText(banner.usedMicros)} of ${creditsText(banner.ofMicros)} credits are used. The reset is on ${until}.`,
      };
    }
    case "exhausted":
      return {
        title: "The monthly credits are used up",
        text: `${taken(banner, banner.limitMicros)} Features that use credits are paused until the reset on ${until} or until a pack is bought.`,
      };
    case "maximum_reached":
      return {
        title: "The maximum monthly credit limit is reached",
        text: `${taken(banner, banner.maximumMicros)} Features that use credits are paused until the reset on ${until} or until the maximum is raised.`,
      };
    case "overage_running": {
      const price = banner.accrued === null ? "" : `; it costs ${moneyText(banner.accrued)} so far`;
      return {
        title: "Usage is above the monthly credit limit",
        text: `${creditsText(banner.billableMicros)} credits are above the limit of ${creditsText(banner.limitMicros)}${price}. It is invoiced after the reset on ${until}.`,
      };
    }
    case "setting_waiting":
      return {
        title: "A change of the overage setting waits for the reset",
        text: `It changes from ${settingName(banner.from)} to ${settingName(banner.to)} on ${until}.`,
      };
    case "account_suspended":
      return {
        title: "The account is suspended",
        text: "Every use of credits is denied until the provider resumes the account. Reports and invoices can still be read.",
      };
    case "account_closed":
      return {
        title: "The account is closed",
        text: "Nothing is booked any more. Reports and invoices can still be read.",
      };
    case "feature_paused":
      return {
        title: `The feature "${nameOf(banner.feature)}" is paused`,
        text: "It was paused by hand and is back when an admin or its owner resumes it.",
      };
    case "features_paused":
      return {
        title: "Features that use credits are paused",
        text:
          until === null
            ? "They are back when the provider resumes the account."
            : `They are back on ${until}, or earlier if an admin of your account makes room.`,
      };
  }
}

/** Used credits and, where there are any, those that open holds reserve. */
function taken(
  { usedMicros, heldMicros }: { readonly usedMicros: number; readonly heldMicros: number },
  ofMicros: number,
): string {
  const held = heldMicros === 0 ? "" : `, ${creditsText(heldMicros)} more are held`;
  return `${creditsText(usedMicros)} of ${creditsText(ofMicros)} credits are used${held}.`;
}
