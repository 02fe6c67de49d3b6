/** Test accounts on a clock of their own over HTTP, for what takes months. */
import { type Answer, call } from "./api.ts";

let opened = 0;

/** What the tests read of an invoice. */
export interface ShownInvoice {
  readonly kind: string;
  readonly cause: string | null;
  readonly issuedAt: string;
  readonly period: { readonly name: string };
  readonly lines: readonly { readonly description: string; readonly quantity: number | null }[];
  readonly total: { readonly amountMinor: number; readonly currency: string };
}

export interface Clocked {
  readonly account: string;
  /** Sends a request about the account: `path` comes after its own. */
  readonly send: <Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer<Body>>;
  readonly get: (path: string) => Promise<Record<string, unknown>>;
  readonly use: (id: string, credits: number, mode?: "consume" | "record") => Promise<Answer<unknown>>;
  readonly advance: (to: string) => Promise<void>;
  /** Its invoices, oldest first. */
  readonly invoices: () => Promise<readonly ShownInvoice[]>;
}

export const START = "2026-11-14T09:00:00Z";

/** Opens an account of 500 included credits on a clock of its own; `key` is a test key with all scopes. */
export async function openClocked(
  key: string,
  body: Readonly<Record<string, unknown>> = {},
  now: string = START,
): Promise<Clocked> {
  opened += 1;
  const account = `on-clock-${opened}`;
  const made = async (answer: Promise<Answer<unknown>>, status: number) => {
    const { status: got, body: said } = await answer;
    if (got !== status) throw new Error(JSON.stringify(said));
  };
  await made(call(key, "POST", "/v1/test-clocks", { testClock: account, now }), 201);
  const opening = { account, testClock: account, plans: ["starter"], ...body };
  await made(call(key, "POST", "/v1/accounts", opening), 201);
  const send: Clocked["send"] = (method, path, sent, headers) =>
    call(key, method, `/v1/accounts/${account}${path}`, sent, headers);
  return {
    account,
    send,
    get: async (path) => (await send("GET", path)).body,
    use: async (id, quantity, mode = "consume") => {
      const event = { account, id, feature: "assistant", action: "answer", quantity };
      if (mode === "consume") return call(key, "POST", "/v1/consume", event);
      return call(key, "POST", "/v1/events", { mode, events: [event] });
    },
    advance: (to) => made(call(key, "POST", `/v1/test-clocks/${account}/advance`, { to }), 200),
    invoices: async () => {
      const { body: page } = await send<{ data: readonly ShownInvoice[] }>("GET", "/invoices?limit=500");
      return page.data.toReversed();
    },
  };
}

/** An invoice in a line: "2026-11-14 packs purchase 1000". */
export function inLine({ kind, cause, period, total }: ShownInvoice): string {
  return [period.name, kind, ...(cause === null ? [] : [cause]), total.amountMinor].join(" ");
}
