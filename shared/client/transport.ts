/**
 * One call over fetch: sent again, with the same content, while the server cannot be reached or fails; refusals are
 * thrown as the problem documents that they are. Nothing here knows what the calls mean.
 */
import type { Problem } from "../api/common.ts";

const RETRY_FOR_MS_DEFAULT = 10_000;
const TIMEOUT_MS_DEFAULT = 30_000;
const FIRST_DELAY_MS = 50;
const DELAY_MS_MAX = 2_000;

export interface ClientOptions {
  /** Where Drawdown runs, such as http://127.0.0.1:8787. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /**
   * Who acts, for the audit log: somebody at the operator, or `user:<id>` for a user of the account, who then may do
   * what the user's roles allow. Left out: the key. For another actor make another client; that costs nothing.
   */
  readonly actor?: string;
  /** Left out: the global one. */
  readonly fetch?: typeof fetch;
  /** For how long a failing call is tried again; 0 for not at all. */
  readonly retryForMs?: number;
  /** For how long one attempt may take; of a stream, until it begins. */
  readonly timeoutMs?: number;
}

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: object;
  /** Sent as JSON, or as it is where `contentType` names another type. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** false: sending it twice would do it twice. */
  readonly retry?: boolean;
}

/** The server refused the call, or failed at it to the last attempt. */
export class DrawdownError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.status} ${problem.code}: ${problem.detail}`);
    this.name = "DrawdownError";
    this.problem = problem;
  }
}

export class Transport {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = { ...options, baseUrl: options.baseUrl.replace(/\/+$/, "") };
  }

  /** The answer's JSON; undefined for 204. */
  json<Answer>(call: Call): Promise<Answer> {
    return this.#repeat(call, async (response) => {
      return (response.status === 204 ? undefined : await response.json()) as Answer;
    });
  }

  text(call: Call): Promise<string> {
    return this.#repeat(call, (response) => response.text());
  }

  /** The answer's body as it arrives. A break in the middle of it is not repaired: nothing says where to go on. */
  async stream(call: Call): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#repeat(call, async (response) => response);
    if (body === null) throw new Error(`${call.method} ${call.path} answered without a body`);
    return body as ReadableStream<Uint8Array>;
  }

  async #repeat<Answer>(call: Call, read: (response: Response) => Promise<Answer>): Promise<Answer> {
    const { retryForMs = RETRY_FOR_MS_DEFAULT } = this.#options;
    const giveUpAtMs = Date.now() + (call.retry === false ? 0 : retryForMs);
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#attempt(call, read);
      } catch (error) {
        const delayMs = backOffMs(attempt);
        if (!isWorthRepeating(error) || Date.now() + delayMs > giveUpAtMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      }
    }
  }

  async #attempt<Answer>(call: Call, read: (response: Response) => Promise<Answer>): Promise<Answer> {
    const { baseUrl, apiKey, actor, timeoutMs = TIMEOUT_MS_DEFAULT, fetch: send = fetch } = this.#options;
    const headers = new Headers({ authorization: `Bearer ${apiKey}`, ...call.headers });
    if (actor !== undefined) headers.set("drawdown-actor", inHeader(actor));
    if (call.body !== undefined) headers.set("content-type", call.contentType ?? "application/json");
    const canceller = new AbortController();
    const timer = setTimeout(() => canceller.abort(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    try {
      const response = await send(baseUrl + call.path + queryString(call.query), {
        method: call.method,
        headers,
        ...(call.body === undefined ? {} : { body: bodyText(call) }),
        signal: canceller.signal,
      });
      if (!response.ok) throw new DrawdownError(await readProblem(response));
      return await read(response);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A 4xx says the same however often it is asked. What is not a problem document never reached an answer. */
function isWorthRepeating(error: unknown): boolean {
  return !(error instanceof DrawdownError) || error.problem.status >= 500;
}

/** Twice as long each time, at random within the upper half, so that callers who failed together part again. */
function backOffMs(attempt: number): number {
  return Math.min(DELAY_MS_MAX, FIRST_DELAY_MS * 2 ** attempt) * (0.5 + Math.random() / 2);
}

/** A header holds ASCII only. */
function inHeader(text: string): string {
  return text.replaceAll(/[^ -~]|%/gu, encodeURIComponent);
}

function bodyText({ body, contentType }: Call): string {
  return contentType === undefined ? JSON.stringify(body) : String(body);
}

function queryString(query: object = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? ""
    : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

/** What stands between us and the server may answer in its own words. */
async function readProblem(response: Response): Promise<Problem> {
  const text = await response.text();
  if (response.headers.get("content-type")?.startsWith("application/problem+json") === true) {
    return JSON.parse(text) as Problem;
  }
  return {
    type: "about:blank",
    title: response.statusText,
    status: response.status,
    detail: text.slice(0, 200),
    code: "not_a_problem_document",
    requestId: response.headers.get("x-request-id") ?? "",
  };
}
