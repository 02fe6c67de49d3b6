/** The core's notices in the model's sentences: with every figure, so that none can be wrong unnoticed. */
import type { Notice } from "../../../shared/credits/notices.ts";
import { inCredits } from "../model/money.ts";
import { timeOf, told } from "../model/notices.ts";

export function sentence(notice: Notice): string {
  switch (notice.kind) {
    case "usage_threshold":
      return `${notice.subject} ${notice.percent} %: ${of(notice.usedMicros, notice.ofMicros)}`;
    case "limit_passed":
      return `limit passed in ${notice.setting}: ${of(notice.usedMicros, notice.limitMicros)}`;
    case "maximum_reached":
      return `maximum reached: ${of(notice.usedMicros, notice.maximumMicros)}`;
    case "automatic_upgrade": {
      const { packs, pack, price, usedMicros, limitMicros } = notice;
      return `upgraded by ${packs} ${pack} for ${price.amountMinor}: ${of(usedMicros, limitMicros)}`;
    }
    case "upgrade_unavailable":
      return `no upgrade in ${notice.currency}`;
    case "setting_changed":
      return `${notice.from} became ${notice.to}`;
    case "setting_waiting":
      return `${notice.from} becomes ${notice.to} at ${timeOf(notice.effectiveAtMs)}`;
    case "maximum_raised":
      return `maximum raised from ${amount(notice.fromMicros)} to ${amount(notice.toMicros)}`;
    case "feature_paused":
      return `${notice.feature} paused`;
    case "feature_resumed":
      return `${notice.feature} resumed`;
    case "term_ending":
      return `term ends at ${timeOf(notice.endsAtMs)}`;
    case "packs_ended":
      return `packs ended: limit ${amount(notice.limitMicros)}`;
    case "credits_expiring": {
      const left = of(notice.remainingMicros, notice.limitMicros);
      return `credits expire at ${timeOf(notice.expireAtMs)}: ${left} left`;
    }
    case "budget_threshold":
      return `budget ${notice.budget} ${notice.percent} %: ${of(notice.usedMicros, notice.ofMicros)}`;
    case "account_suspended":
      return `suspended: ${notice.reason}`;
    case "account_resumed":
      return "resumed";
    case "account_closed":
      return `closed: ${notice.reason}`;
    case "grant_added":
      return `granted ${amount(notice.creditsMicros)} for ${notice.grantPeriod}`;
    case "account_rates_changed":
    case "account_rates_withdrawn":
      return notice.kind;
    case "usage_report":
      return notice.periods
        .map(({ period, usedMicros, limitMicros, expiredMicros, overageMicros }) => {
          const used = of(usedMicros, limitMicros);
          return `${period}: ${used}, ${amount(expiredMicros)} expired, ${amount(overageMicros)} over`;
        })
        .join("; ");
  }
}

function of(usedMicros: number, ofMicros: number): string {
  return told(BigInt(usedMicros), BigInt(ofMicros));
}

function amount(micros: number): string {
  return inCredits(BigInt(micros));
}
