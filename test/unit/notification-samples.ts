/** One notification of each kind, for the tests of their words and data. */
import type { RateRise } from "../../shared/credits/rate-changes.ts";
import type { NotificationContent } from "../../shared/queues.ts";
import type { Reader } from "../../workers/notifications/words/message.ts";

export const CREDIT = 1_000_000;
export const ENVELOPE = {
  number: 12,
  atMs: Date.parse("2026-11-21T10:00:00Z"),
  period: "2026-11-14",
  resetAtMs: Date.parse("2026-12-14T00:00:00Z"),
};
export const READER: Reader = { mode: "live", accountName: "Acme", timeZone: "UTC" };

/** Of what the analysis found: not numbered by the account. */
const FOUND = { atMs: ENVELOPE.atMs, period: ENVELOPE.period, resetAtMs: ENVELOPE.resetAtMs };

const RISE: RateRise = {
  kind: "raised",
  feature: "assistant",
  featureName: "Assistant",
  action: "answer",
  actionName: "Answer",
  from: { creditsMicros: CREDIT, perMicros: CREDIT, blocks: false },
  to: { creditsMicros: 2 * CREDIT, perMicros: CREDIT, blocks: false },
};

export const LARGE = {
  pack: "p1000",
  name: "1,000 credits",
  creditsMicros: 1000 * CREDIT,
  price: { amountMinor: 1000, currency: "USD" },
};

export const SMALL = {
  pack: "p500",
  name: "500 credits",
  creditsMicros: 500 * CREDIT,
  price: { amountMinor: 600, currency: "USD" },
};

/** One of each kind; a kind that is added without words fails to compile here. */
export const SAMPLES: {
  readonly [Kind in NotificationContent["kind"]]: NotificationContent & { readonly kind: Kind };
} = {
  usage_threshold: {
    ...ENVELOPE,
    kind: "usage_threshold",
    subject: "limit",
    percent: 90,
    usedMicros: 910.5 * CREDIT,
    ofMicros: 1000 * CREDIT,
    setting: "pause",
  },
  limit_passed: {
    ...ENVELOPE,
    kind: "limit_passed",
    usedMicros: 6237.5 * CREDIT,
    limitMicros: 6000 * CREDIT,
    setting: "pay_as_you_go",
  },
  maximum_reached: {
    ...ENVELOPE,
    kind: "maximum_reached",
    usedMicros: 6800 * CREDIT,
    maximumMicros: 6800 * CREDIT,
  },
  automatic_upgrade: {
    ...ENVELOPE,
    kind: "automatic_upgrade",
    pack: "p1000",
    packName: "1,000 credits",
    packs: 2,
    price: { amountMinor: 123450, currency: "USD" },
    usedMicros: 7500 * CREDIT,
    limitMicros: 8000 * CREDIT,
  },
  upgrade_unavailable: { ...ENVELOPE, kind: "upgrade_unavailable", currency: "JPY" },
  setting_changed: { ...ENVELOPE, kind: "setting_changed", from: "auto_upgrade", to: "pause" },
  setting_waiting: {
    ...ENVELOPE,
    kind: "setting_waiting",
    from: "auto_upgrade",
    to: "pay_as_you_go",
    effectiveAtMs: ENVELOPE.resetAtMs,
  },
  maximum_raised: {
    ...ENVELOPE,
    kind: "maximum_raised",
    fromMicros: 6500 * CREDIT,
    toMicros: 7000 * CREDIT,
  },
  usage_report: {
    ...ENVELOPE,
    kind: "usage_report",
    periods: [
      {
        period: "2026-10-14",
        usedMicros: 450 * CREDIT,
        limitMicros: 500 * CREDIT,
        expiredMicros: 50 * CREDIT,
        overageMicros: 0,
      },
    ],
  },
  budget_threshold: {
    ...ENVELOPE,
    kind: "budget_threshold",
    budget: "support",
    subject: "team",
    key: "t_support",
    hard: true,
    percent: 90,
    usedMicros: 91 * CREDIT,
    ofMicros: 100 * CREDIT,
    ownerUser: null,
  },
  credits_expiring: {
    ...ENVELOPE,
    kind: "credits_expiring",
    remainingMicros: 300 * CREDIT,
    limitMicros: 1000 * CREDIT,
    expireAtMs: ENVELOPE.resetAtMs,
  },
  feature_paused: { ...ENVELOPE, kind: "feature_paused", feature: "assistant", ownerUser: "u_1" },
  feature_resumed: { ...ENVELOPE, kind: "feature_resumed", feature: "assistant", ownerUser: null },
  term_ending: {
    ...ENVELOPE,
    kind: "term_ending",
    endsAtMs: Date.parse("2026-12-21T00:00:00Z"),
    packs: [
      { ...LARGE, quantity: 2, renewal: { ...LARGE, quantity: 1 } },
      { ...SMALL, quantity: 1, renewal: { ...SMALL, quantity: 0 } },
    ],
  },
  packs_ended: { ...ENVELOPE, kind: "packs_ended", limitMicros: 500 * CREDIT },
  grant_added: {
    ...ENVELOPE,
    kind: "grant_added",
    creditsMicros: 250 * CREDIT,
    reason: "an outage on Friday",
    grantPeriod: "2026-11-14",
  },
  account_suspended: { ...ENVELOPE, kind: "account_suspended", reason: "an unpaid invoice" },
  account_resumed: { ...ENVELOPE, kind: "account_resumed" },
  account_closed: { ...ENVELOPE, kind: "account_closed", reason: "" },
  account_rates_changed: {
    ...ENVELOPE,
    kind: "account_rates_changed",
    version: 3,
    effectiveAtMs: Date.parse("2027-01-01T00:00:00Z"),
    shortNotice: true,
    raised: [{ feature: "assistant", action: "answer" }],
  },
  account_rates_withdrawn: {
    ...ENVELOPE,
    kind: "account_rates_withdrawn",
    version: 3,
    effectiveAtMs: Date.parse("2027-01-01T00:00:00Z"),
  },
  rate_change: {
    kind: "rate_change",
    atMs: ENVELOPE.atMs,
    period: "2026-11-14",
    version: 7,
    effectiveAtMs: Date.parse("2027-01-01T00:00:00Z"),
    shortNotice: false,
    changes: [RISE],
    changesOmitted: 0,
  },
  rate_withdrawn: {
    kind: "rate_withdrawn",
    atMs: ENVELOPE.atMs,
    period: "2026-11-14",
    version: 7,
    effectiveAtMs: Date.parse("2027-01-01T00:00:00Z"),
  },
  projected_exhaustion: {
    ...FOUND,
    kind: "projected_exhaustion",
    projectedMicros: 1300 * CREDIT,
    limitMicros: 1000 * CREDIT,
    exhaustedOn: "2026-12-02",
  },
  spike: {
    ...FOUND,
    kind: "spike",
    feature: "assistant",
    day: "2026-11-20",
    creditsMicros: 90 * CREDIT,
    meanMicros: 20.5 * CREDIT,
    ownerUser: "u_1",
  },
  waste: {
    ...FOUND,
    kind: "waste",
    duplicatesMicros: 12 * CREDIT,
    withoutOutcomeMicros: 40 * CREDIT,
    unownedFeatures: ["assistant", "search"],
  },
  invoice_issued: {
    kind: "invoice_issued",
    atMs: ENVELOPE.atMs,
    period: "2026-10-14",
    invoiceId: "inv_1",
    number: "ACME-0007",
    totalMinor: 230,
    currency: "USD",
    dueAtMs: Date.parse("2026-12-21T10:00:00Z"),
  },
};
