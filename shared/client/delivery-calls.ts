/** What goes out: deliveries, webhook endpoints, and messages that failed every retry (rules, section 6.5). */
import { BillingCalls } from "./billing-calls.ts";
import { at } from "./calls.ts";
import type {
  DeadLetter,
  DeadLetterSummary,
  DeadLettersQuery,
  DeliveriesQuery,
  LoggedDelivery,
  Page,
  PageQuery,
  ResendDeliveries,
  ResentDeliveries,
  WebhookEndpoint,
} from "./types.ts";

export class DeliveryCalls extends BillingCalls {
  /** Of all accounts, newest first. */
  deliveries(query: DeliveriesQuery = {}): Promise<Page<LoggedDelivery>> {
    return this.get("/v1/deliveries", query);
  }

  delivery(id: string): Promise<LoggedDelivery> {
    return this.get(at`/v1/deliveries/${id}`);
  }

  /** Whatever became of it before; the receiver gets it under the same id. */
  resendDelivery(id: string): Promise<LoggedDelivery> {
    return this.post(at`/v1/deliveries/${id}/resend`);
  }

  /** Those that failed and match, oldest first; call again while `more`. */
  resendDeliveries(filter: ResendDeliveries = {}): Promise<ResentDeliveries> {
    return this.post("/v1/deliveries/resend", filter);
  }

  deadLetters(query: DeadLettersQuery = {}): Promise<Page<DeadLetterSummary>> {
    return this.get("/v1/dead-letters", query);
  }

  deadLetter(id: string): Promise<DeadLetter> {
    return this.get(at`/v1/dead-letters/${id}`);
  }

  /** Back onto its queue; what it does is done once all the same. */
  resendDeadLetter(id: string): Promise<DeadLetter> {
    return this.post(at`/v1/dead-letters/${id}/resend`);
  }

  removeDeadLetter(id: string): Promise<void> {
    return this.delete(at`/v1/dead-letters/${id}`);
  }

  webhookEndpoints(query: PageQuery = {}): Promise<Page<WebhookEndpoint>> {
    return this.get("/v1/webhook-endpoints", query);
  }

  /** With its secret, for keys with the scope admin. */
  webhookEndpoint(id: string): Promise<WebhookEndpoint> {
    return this.get(at`/v1/webhook-endpoints/${id}`);
  }

  /** Not repeated: each call adds one. */
  createWebhookEndpoint(url: string): Promise<WebhookEndpoint> {
    return this.post("/v1/webhook-endpoints", { url }, { retry: false });
  }

  removeWebhookEndpoint(id: string): Promise<void> {
    return this.delete(at`/v1/webhook-endpoints/${id}`);
  }

  /** Not repeated: a second one would end the first secret at once. Both secrets sign for `graceHours`, by default 24. */
  rotateWebhookSecret(id: string, options: { readonly graceHours?: number } = {}): Promise<WebhookEndpoint> {
    return this.post(at`/v1/webhook-endpoints/${id}/rotate-secret`, options, { retry: false });
  }

  disableWebhookEndpoint(id: string): Promise<WebhookEndpoint> {
    return this.post(at`/v1/webhook-endpoints/${id}/disable`);
  }

  enableWebhookEndpoint(id: string): Promise<WebhookEndpoint> {
    return this.post(at`/v1/webhook-endpoints/${id}/enable`);
  }

  /** One webhook, now; the answer says how it went. Not repeated. */
  pingWebhookEndpoint(id: string): Promise<LoggedDelivery> {
    return this.post(at`/v1/webhook-endpoints/${id}/ping`, undefined, { retry: false });
  }
}
