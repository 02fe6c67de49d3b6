/** The bindings and secrets of the deployment, as named in wrangler.toml. */
import type { BillingQueueMessage, NotificationMessage, UsageMessage } from "../shared/queues.ts";
import type { Account } from "./account/account.ts";

export interface Env {
  readonly ACCOUNT: DurableObjectNamespace<Account>;
  readonly DB: D1Database;
  readonly USAGE_QUEUE: Queue<UsageMessage>;
  readonly NOTIFICATIONS_QUEUE: Queue<NotificationMessage>;
  readonly BILLING_QUEUE: Queue<BillingQueueMessage>;
  readonly EMAIL: SendEmail;
  /** Sender address of notices. */
  readonly EMAIL_FROM: string;
  /** HMAC secret that signs API keys and from which webhook secrets are derived; at least 32 bytes. */
  readonly KEY_SIGNING_SECRET: string;
}
