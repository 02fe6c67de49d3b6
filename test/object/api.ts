/** The API as a caller speaks it, inside workerd: keys of any mode and scope, requests, answers. */
import { env, exports } from "cloudflare:workers";
import type { Mode } from "../../shared/api/common.ts";
import { mintKey, SCOPES, type Scope } from "../../shared/api-keys.ts";

declare global {
  namespace Cloudflare {
    interface GlobalProps {
      mainModule: typeof import("../../workers/index.ts");
    }
  }
}

const ORIGIN = "https://drawdown.example";

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface ProblemBody {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

let minted = 0;

/** A key as scripts/key.ts mints it: D1 has never seen it. */
export async function keyWith(mode: Mode, scopes: readonly Scope[] = SCOPES): Promise<string> {
  minted += 1;
  return mintKey({ keyId: `key_test${minted}`, mode, scopes }, env.KEY_SIGNING_SECRET);
}

/** Sends `body` as JSON; the answer's body is what its JSON says, null where there is none. */
export async function call<Body = ProblemBody>(
  key: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Body>> {
  if (body === undefined) return send(key, method, path, undefined, headers);
  const json = { "content-type": "application/json", ...headers };
  return send(key, method, path, JSON.stringify(body), json);
}

/** Sends `body` as it is. */
export async function send<Body = ProblemBody>(
  key: string,
  method: string,
  path: string,
  body: string | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<Answer<Body>> {
  const response = await exports.default.fetch(
    new Request(ORIGIN + path, {
      method,
      headers: { authorization: `Bearer ${key}`, ...headers },
      ...(body === undefined ? {} : { body }),
    }),
  );
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === "" ? null : JSON.parse(text),
  };
}

/** As the operator sells: catalogue and rate sheets take a live key, whichever mode a test is about. */
export async function sell<Body = ProblemBody>(
  method: "PUT" | "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<Answer<Body>> {
  return call<Body>(await keyWith("live"), method, path, body);
}

/** The bad fields that a problem names. */
export function badFields(answer: Answer<ProblemBody>): readonly string[] {
  return (answer.body.errors ?? []).map((error) => error.path);
}

export const CATALOG = {
  plans: [
    { plan: "starter", name: "Starter", includedCredits: 500 },
    { plan: "professional", name: "Professional", includedCredits: 3000 },
  ],
  packs: [
    {
      pack: "pack-1000",
      name: "1,000 credits",
      credits: 1000,
      prices: [{ amountMinor: 1000, currency: "USD" }],
      upgrade: true,
    },
  ],
  overageRates: [{ currency: "USD", price: "0.010" }],
  noticePercentages: [75, 85, 90],
  automaticPacksMax: null,
  seller: { name: "Seller Inc.", address: "1 Main Street", taxIds: ["12-345"] },
  invoiceSeries: { scope: "account" },
};

/** One feature at 1 credit an answer. */
export const FEATURES = [{ feature: "assistant", actions: [{ action: "answer", credits: 1 }] }];
