/** The money of accounts as an operator asks for it, over HTTP. */
import { env, exports } from "cloudflare:workers";
import { accountIdOf } from "../../shared/account-key.ts";
import type { Invoice } from "../../shared/api/invoices.ts";
import { mintKey, SCOPES, type Scope } from "../../shared/api-keys.ts";
import { advance, END_MS, openExample2, PROFILE, use } from "./billing-fixtures.ts";
import type { TestAccount } from "./fixtures.ts";

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

export interface ListAnswer<Item> {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
}

export async function authorization(mode: "live" | "test", scopes: readonly Scope[] = SCOPES) {
  const key = await mintKey({ keyId: crypto.randomUUID(), mode, scopes }, env.KEY_SIGNING_SECRET);
  return { authorization: `Bearer ${key}` };
}

let headers: Record<string, string> | null = null;

/** With a test key of all scopes, unless `init` brings another one. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  headers ??= await authorization("test");
  return exports.default.fetch(`https://drawdown.example${path}`, {
    ...init,
    headers: { ...headers, ...(init.headers as Record<string, string>) },
  });
}

export async function ask<Body = { readonly code: string }>(
  path: string,
  init: RequestInit = {},
): Promise<Answer<Body>> {
  const response = await send(path, init);
  return { status: response.status, body: await response.json<Body>() };
}

export function post(body?: unknown): RequestInit {
  if (body === undefined) return { method: "POST" };
  return { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

export function listInvoices(account: { readonly key: string }, query = "") {
  return ask<ListAnswer<Invoice>>(`/v1/accounts/${accountIdOf(account.key)}/invoices${query}`);
}

export async function readInvoice(invoice: string): Promise<Invoice> {
  return (await ask<Invoice>(`/v1/invoices/${invoice}`)).body;
}

/** Worked example 2 after its reset: the pack was invoiced twice, and between that the overage. */
export async function invoiced(
  profile = PROFILE,
): Promise<{ readonly account: TestAccount; readonly invoice: Invoice }> {
  const account = await openExample2(profile);
  await use(account, 6237.5);
  await advance(account, END_MS);
  const { body } = await listInvoices(account);
  const invoice = body.data.find(({ kind }) => kind === "overage");
  if (invoice === undefined) throw new Error("no overage invoice");
  return { account, invoice };
}
