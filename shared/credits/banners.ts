/**
 * What is shown on top of an account's pages (rules, 6.3): derived from the present state alone, so a banner is gone
 * as soon as it is no longer true. Amounts are micros, times milliseconds; words are made where it is shown.
 */
import { percentOfUp } from "./amounts.ts";
import type { Balance } from "./balance.ts";
import type { Money } from "./money.ts";
import type { OverageSetting } from "./state.ts";

export type BannerContent =
  | {
      readonly kind: "usage_threshold";
      readonly subject: "limit" | "maximum";
      readonly percent: number;
      readonly usedMicros: number;
      readonly ofMicros: number;
    }
  | {
      /** Credits are used up and nothing adds more before the reset. */
      readonly kind: "exhausted";
      readonly usedMicros: number;
      readonly heldMicros: number;
      readonly limitMicros: number;
      readonly setting: OverageSetting;
    }
  | {
      readonly kind: "maximum_reached";
      readonly usedMicros: number;
      readonly heldMicros: number;
      readonly maximumMicros: number;
    }
  | {
      readonly kind: "overage_running";
      /** Overage without overdraft: what is going to be billed. */
      readonly billableMicros: number;
      readonly limitMicros: number;
      /** What the invoice would say now; null where no price is agreed. */
      readonly accrued: Money | null;
    }
  | { readonly kind: "setting_waiting"; readonly from: OverageSetting; readonly to: OverageSetting }
  /** Every use of credits is denied until the operator resumes the account (2.6). */
  | { readonly kind: "account_suspended" }
  /** For good; nothing is booked any more (2.6). */
  | { readonly kind: "account_closed" }
  /** By hand, until somebody resumes it; a reset does not. */
  | { readonly kind: "feature_paused"; readonly feature: string }
  /** All that members learn: features are paused, and until when. */
  | { readonly kind: "features_paused" };

export const BANNER_SEVERITIES = ["info", "warning", "critical"] as const;
export type BannerSeverity = (typeof BANNER_SEVERITIES)[number];

export const BANNER_AUDIENCES = ["admin", "member"] as const;
export type BannerAudience = (typeof BANNER_AUDIENCES)[number];

export type Banner = BannerContent & {
  /** Stable while it says the same; a further threshold, or the same one of a raised limit, has another. */
  readonly id: string;
  readonly severity: BannerSeverity;
  /** The reset: then it ends by itself; null: it ends when somebody ends it. */
  readonly untilMs: number | null;
};

/** From this percentage on a threshold is a warning. */
const WARNING_FROM_PERCENT = 90;

/** The banners that are true now for this audience, gravest first. */
export function bannersOf(
  balance: Balance,
  noticePercentages: readonly number[],
  audience: BannerAudience,
): readonly Banner[] {
  return audience === "admin" ? adminBanners(balance, noticePercentages) : memberBanners(balance);
}

function adminBanners(balance: Balance, percentages: readonly number[]): readonly Banner[] {
  const banners = [
    ofClosing(balance),
    ofSuspension(balance),
    ofMaximum(balance, percentages),
    ofLimit(balance, percentages),
    ofOverage(balance),
    ofPendingSetting(balance),
    ...pausedByHand(balance, "info"),
  ].filter((banner) => banner !== null);
  return banners.sort((a, b) => gravity(b) - gravity(a));
}

function gravity(banner: Banner): number {
  return BANNER_SEVERITIES.indexOf(banner.severity);
}

/** Members see no amounts, only that features are paused. */
function memberBanners(balance: Balance): readonly Banner[] {
  return [...pausedByCredits(balance), ...pausedByHand(balance, "warning")];
}

function pausedByCredits(balance: Balance): readonly Banner[] {
  const content = { kind: "features_paused" } as const;
  const closed = ofClosing(balance);
  if (closed !== null) return [closed];
  if (balance.state === "suspended") return [lasting(balance, "paused/suspended", "critical", content)];
  const paused = stoppedAt(balance);
  return paused === null ? [] : [banner(balance, `paused/${arming(paused)}`, "critical", content)];
}

function pausedByHand(balance: Balance, severity: BannerSeverity): readonly Banner[] {
  return balance.pausedFeatures.map((feature) =>
    lasting(balance, `feature/${feature}`, severity, { kind: "feature_paused", feature }),
  );
}

function ofClosing(balance: Balance): Banner | null {
  return balance.closedAtMs === null
    ? null
    : lasting(balance, "closed", "critical", { kind: "account_closed" });
}

function ofSuspension(balance: Balance): Banner | null {
  return balance.state === "suspended" && balance.closedAtMs === null
    ? lasting(balance, "suspended", "critical", { kind: "account_suspended" })
    : null;
}

/** The limit or maximum at which everything that costs credits is stopped; null while nothing is, or for a 0 (6.1). */
function stoppedAt(balance: Balance): number | null {
  if (balance.state === "exhausted") return balance.limitMicros || null;
  return balance.state === "maximum_reached" ? balance.maximumMicros || null : null;
}

function ofMaximum(balance: Balance, percentages: readonly number[]): Banner | null {
  const { usedMicros, heldMicros, maximumMicros } = balance;
  if (maximumMicros === null || maximumMicros === 0) return null;
  if (balance.state !== "maximum_reached") return threshold(balance, "maximum", maximumMicros, percentages);
  const content = { kind: "maximum_reached", usedMicros, heldMicros, maximumMicros } as const;
  return banner(balance, `maximum/reached/${arming(maximumMicros)}`, "critical", content);
}

/** Where maximum = limit, only the maximum's is shown (6.1); above the limit the overage is what counts. */
function ofLimit(balance: Balance, percentages: readonly number[]): Banner | null {
  const { usedMicros, heldMicros, limitMicros, setting } = balance;
  if (limitMicros === 0 || balance.maximumMicros === limitMicros) return null;
  if (balance.state === "exhausted") {
    const content = { kind: "exhausted", usedMicros, heldMicros, limitMicros, setting } as const;
    return banner(balance, `limit/exhausted/${arming(limitMicros)}`, "critical", content);
  }
  return usedMicros > limitMicros ? null : threshold(balance, "limit", limitMicros, percentages);
}

/** The highest percentage that is reached, by used alone, never by held (6.1). */
function threshold(
  balance: Balance,
  subject: "limit" | "maximum",
  ofMicros: number,
  percentages: readonly number[],
): Banner | null {
  const { usedMicros } = balance;
  const reached = percentages.filter((percent) => usedMicros >= percentOfUp(ofMicros, percent));
  if (reached.length === 0) return null;
  const percent = Math.max(...reached);
  const severity = percent >= WARNING_FROM_PERCENT ? "warning" : "info";
  const content = { kind: "usage_threshold", subject, percent, usedMicros, ofMicros } as const;
  return banner(balance, `${subject}/${percent}/${arming(ofMicros)}`, severity, content);
}

function ofOverage(balance: Balance): Banner | null {
  const { billableMicros, limitMicros, accruedOverage: accrued } = balance;
  if (billableMicros === 0) return null;
  const content = { kind: "overage_running", billableMicros, limitMicros, accrued } as const;
  return banner(balance, `overage/${arming(limitMicros)}`, "warning", content);
}

function ofPendingSetting(balance: Balance): Banner | null {
  const { pendingSetting, setting: from } = balance;
  if (pendingSetting === null) return null;
  const content = { kind: "setting_waiting", from, to: pendingSetting.setting } as const;
  return banner(balance, `setting/${pendingSetting.setting}`, "info", content);
}

/** One that no reset ends; dismissed, it is shown again in the next period. */
function lasting(balance: Balance, name: string, severity: BannerSeverity, content: BannerContent): Banner {
  return { ...banner(balance, name, severity, content), untilMs: null };
}

function banner(balance: Balance, name: string, severity: BannerSeverity, content: BannerContent): Banner {
  return { ...content, id: `${balance.period}/${name}`, severity, untilMs: balance.resetAtMs };
}

/**
 * Part of the id: dismissing a threshold must not dismiss it again after the limit was raised (6.2). Not in plain
 * digits, because members see no amounts.
 */
function arming(ofMicros: number): string {
  return ofMicros.toString(36);
}
