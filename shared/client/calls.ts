/** What every call of the client shares: its way over the transport, and the paths of an account. */
import { type Call, type ClientOptions, Transport } from "./transport.ts";

export class Calls {
  protected readonly transport: Transport;

  constructor(options: ClientOptions) {
    this.transport = new Transport(options);
  }

  protected get<Answer>(path: string, query?: object): Promise<Answer> {
    return this.transport.json({ method: "GET", path, ...(query === undefined ? {} : { query }) });
  }

  protected post<Answer>(path: string, body?: unknown, options: Pick<Call, "retry"> = {}): Promise<Answer> {
    return this.transport.json({ method: "POST", path, body, ...options });
  }

  /** Does it once per key; without one every call does it, even where the last one's answer was lost. */
  protected postOnce<Answer>(path: string, body: unknown, idempotencyKey: string): Promise<Answer> {
    const headers = { "idempotency-key": idempotencyKey };
    return this.transport.json({ method: "POST", path, body, headers });
  }

  protected put<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.transport.json({ method: "PUT", path, body });
  }
}

export function accountPath(account: string): string {
  return `/v1/accounts/${encodeURIComponent(account)}`;
}
