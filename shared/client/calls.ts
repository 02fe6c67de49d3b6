/** What every call of the client shares: its way over the transport, and paths. */
import { type Call, type ClientOptions, Transport } from "./transport.ts";
import type { Page, PageQuery } from "./types.ts";

/** false: sending it twice would do it twice. */
type Repeatable = Pick<Call, "retry">;

export class Calls {
  protected readonly transport: Transport;

  constructor(options: ClientOptions) {
    this.transport = new Transport(options);
  }

  protected get<Answer>(path: string, query?: object): Promise<Answer> {
    return this.transport.json({ method: "GET", path, ...(query === undefined ? {} : { query }) });
  }

  protected post<Answer>(path: string, body?: unknown, options: Repeatable = {}): Promise<Answer> {
    return this.transport.json({ method: "POST", path, body, ...options });
  }

  /** Does it once per key; without one every call does it, even where the last one's answer was lost. */
  protected postOnce<Answer>(path: string, body: unknown, idempotencyKey: string): Promise<Answer> {
    const headers = { "idempotency-key": idempotencyKey };
    return this.transport.json({ method: "POST", path, body, headers });
  }

  protected put<Answer>(path: string, body: unknown, options: Repeatable = {}): Promise<Answer> {
    return this.transport.json({ method: "PUT", path, body, ...options });
  }

  protected patch<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.transport.json({ method: "PATCH", path, body });
  }

  /** Where the first answer was lost, a repetition may say 404: it is gone. */
  protected delete<Answer>(path: string, query?: object): Promise<Answer> {
    return this.transport.json({ method: "DELETE", path, ...(query === undefined ? {} : { query }) });
  }
}

/** A path whose parameters are percent-encoded, whatever is in them. */
export function at(texts: TemplateStringsArray, ...parameters: readonly (string | number)[]): string {
  return String.raw({ raw: texts }, ...parameters.map(encodeURIComponent));
}

export function accountPath(account: string): string {
  return at`/v1/accounts/${account}`;
}

/**
 * Every item of a list, page after page.
 *
 * @example
 * for await (const invoice of everyItem((page) => drawdown.invoices("acme", page))) …
 */
export async function* everyItem<Item>(list: (page: PageQuery) => Promise<Page<Item>>): AsyncGenerator<Item> {
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page: Page<Item> = await list(cursor === undefined ? {} : { cursor });
    yield* page.data;
    cursor = page.nextCursor;
  }
}
