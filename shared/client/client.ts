/**
 * A client of the public API for TypeScript: the calls by name, their types from the server's own schemas, and no
 * dependency. Every call is safe to repeat, by its id or by its nature, unless it says otherwise; so it is repeated
 * while the server cannot be reached or fails (see transport.ts), and nothing is booked twice. Its calls lie in a
 * file per subject, each adding to the one before.
 */
import { OperatorCalls } from "./operator-calls.ts";

export { everyItem } from "./calls.ts";
export type { ExportFormat } from "./report-calls.ts";
export { type ClientOptions, DrawdownError } from "./transport.ts";
export type * from "./types.ts";

/**
 * @example
 * const drawdown = new Drawdown({ baseUrl: "https://credits.example.com", apiKey });
 * const decision = await drawdown.consume({ account: "acme", id: "req_7f3", feature: "assistant",
 *   action: "input_tokens", quantity: 374 });
 * if (!decision.allowed) return sorry(decision.reason, decision.balance.resetAt);
 *
 * Every method throws a `DrawdownError` where the server refuses the call; a denial is an answer, not an error.
 */
export class Drawdown extends OperatorCalls {}
