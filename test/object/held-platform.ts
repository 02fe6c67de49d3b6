/**
 * The platform's edge in a test's hands: alarms do not ring, and queues deliver nothing by themselves. Both are
 * kept, for every object and Worker of the file, so that the test decides what comes when, how often, and what never.
 */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type {
  BillingMessage,
  BillingQueueMessage,
  NotificationMessage,
  UsageMessage,
} from "../../shared/queues.ts";

type AnyMessage = BillingQueueMessage | NotificationMessage | UsageMessage;

export interface HeldPlatform {
  /** Rows that objects have written, indexes included, and one for each alarm that they set. */
  readonly rowsWritten: number;
  /** Accounts to settle; the analyses of usage are left out. */
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
      case "analysis_due":
      case "analyses_due":
        return 0;
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
  let rowsWritten = 0;
  await runInDurableObject(env.ACCOUNT.getByName("test:of no account"), (_instance, { storage }) => {
    const storages: DurableObjectStorage = Object.getPrototypeOf(storage);
    vi.spyOn(storages, "setAlarm").mockImplementation(async () => {
      rowsWritten += 1;
    });
    // total_changes() would begin anew with each object that is evicted meanwhile.
    const statements: SqlStorage = Object.getPrototypeOf(storage.sql);
    const { exec } = statements;
    vi.spyOn(statements, "exec").mockImplementation(function (this: SqlStorage, ...query) {
      const cursor = exec.apply(this, query);
      rowsWritten += cursor.rowsWritten;
      return cursor;
    });
  });
  return {
    get rowsWritten() {
      return rowsWritten;
    },
    billing,
    notifications,
    usage,
  };
}
