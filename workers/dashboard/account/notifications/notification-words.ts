/** What kinds of notifications are called, and how grave each is (rules, 6.1 and 6.4). */
import type { Delivery } from "../../../../shared/api/deliveries.ts";
import type { Notification } from "../../../../shared/client/client.ts";
import type { Format } from "../../format.ts";
import type { Tone } from "../../parts/blocks.tsx";

type Kind = Notification["data"]["kind"];

interface KindWords {
  readonly label: string;
  readonly tone: Tone;
}

export const KIND_WORDS: Readonly<Record<Kind, KindWords>> = {
  usage_threshold: { label: "Usage", tone: "warning" },
  limit_passed: { label: "Limit passed", tone: "critical" },
  maximum_reached: { label: "Maximum reached", tone: "critical" },
  budget_threshold: { label: "Budget", tone: "warning" },
  credits_expiring: { label: "Credits expire", tone: "warning" },
  automatic_upgrade: { label: "Automatic upgrade", tone: "accent" },
  upgrade_unavailable: { label: "Upgrade not possible", tone: "critical" },
  setting_changed: { label: "Settings", tone: "plain" },
  setting_waiting: { label: "Settings", tone: "plain" },
  maximum_raised: { label: "Maximum raised", tone: "accent" },
  term_ending: { label: "Term ends", tone: "warning" },
  packs_ended: { label: "Packs ended", tone: "warning" },
  grant_added: { label: "Credits granted", tone: "good" },
  feature_paused: { label: "Feature paused", tone: "warning" },
  feature_resumed: { label: "Feature resumed", tone: "good" },
  account_suspended: { label: "Account suspended", tone: "critical" },
  account_closed: { label: "Account closed", tone: "critical" },
  account_resumed: { label: "Account resumed", tone: "good" },
  account_rates_changed: { label: "Prices", tone: "accent" },
  account_rates_withdrawn: { label: "Prices", tone: "plain" },
  rate_change: { label: "Prices", tone: "accent" },
  rate_withdrawn: { label: "Prices", tone: "plain" },
  usage_report: { label: "Report", tone: "plain" },
  projected_exhaustion: { label: "Running out early", tone: "warning" },
  spike: { label: "Spike", tone: "warning" },
  waste: { label: "Waste", tone: "warning" },
  invoice_issued: { label: "Invoice", tone: "plain" },
};

export const STATUS_WORDS: Readonly<Record<Delivery["status"], KindWords>> = {
  delivered: { label: "Delivered", tone: "good" },
  pending: { label: "Waiting", tone: "accent" },
  failed: { label: "Failed", tone: "critical" },
};

/** In a line: "Delivered to 3", "Delivered to 2 of 3, 1 failed". */
export function deliveriesInWords(deliveries: readonly Delivery[], format: Format): string {
  const all = deliveries.length;
  const count = (status: Delivery["status"]) =>
    deliveries.filter((delivery) => delivery.status === status).length;
  const delivered = count("delivered");
  if (delivered === all) return `Delivered to ${format.count(all)}`;
  const rest = [
    [count("pending"), "waiting"],
    [count("failed"), "failed"],
  ] as const;
  const others = rest.flatMap(([number, what]) => (number === 0 ? [] : [`${format.count(number)} ${what}`]));
  return [`Delivered to ${format.count(delivered)} of ${format.count(all)}`, ...others].join(", ");
}
