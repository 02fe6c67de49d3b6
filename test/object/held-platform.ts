/**
 * The platform's edge in a test's hands: alarms do not ring, and queues deliver nothing by themselves. Both are
 * kept, for every object and Worker of the file, so that the test decides what comes when, how often, and what never.
 */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { BillingMessage, NotificationMessage, UsageMessage } from "../../shared/queues.ts";

type AnyMessage = BillingMessage | NotificationMessage | UsageMessage;

export interface HeldPlatform {
  /** How often an alarm was set; each time writes a row. */
  readonly alarmsSet: number;
  readonly billing: BillingMessage[];
  readonly notifications: NotificationMessage[];
  readonly usage: UsageMessage[];
}

/** From now until `vi.restoreAllMocks()`. */
export async function holdPlatform(): Promise<HeldPlatform> {
  const billing: BillingMessage[] = [];
  const notifications: NotificationMessage[] = [];
  const usage: UsageMessage[] = [];
  const take = (message: AnyMessage) => {
    switch (message.type) {
      case "account_due":
        return billing.push(message);
      case "segment":
      case "denials":
      case "audit":
        return usage.push(message);
      default:
        return notifications.push(message);
    }
  };
  const queue: Queue<AnyMessage> = Object.getPrototypeOf(env.BILLING_QUEUE);
  vi.spyOn(queue, "send").mockImplementation(async (message) => {
    take(message);
    return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
  });
  vi.spyOn(queue, "sendBatch").mockImplementation(async (messages) => {
    for (const { body } of messages) take(body);
    return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
  });
  const storage: DurableObjectStorage = await runInDurableObject(
    env.ACCOUNT.getByName("test:of no account"),
    (_instance, state) => Object.getPrototypeOf(state.storage),
  );
  let alarmsSet = 0;
  vi.spyOn(storage, "setAlarm").mockImplementation(async () => {
    alarmsSet += 1;
  });
  return {
    get alarmsSet() {
      return alarmsSet;
    },
    billing,
    notifications,
    usage,
  };
}
