/** The way of events to their accounts and back, the same for HTTP and for RPC callers. */
import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { accountKeyOf } from "../../shared/account-key.ts";
import { decisionAnswer } from "../../shared/api/answers.ts";
import type { Mode } from "../../shared/api/common.ts";
import type { EventResult } from "../../shared/api/decisions.ts";
import { type EventBody, eventSchema, toUsageEvent } from "../../shared/api/usage.ts";
import type { CallContext, UsageCall, UsageResult } from "../../shared/protocol.ts";
import { accountOf } from "../account/stub.ts";
import type { Env } from "../env.ts";
import { type AppEnv, invalidRequest, problemDocument } from "./http.ts";
import { usageProblem } from "./refusals.ts";
import { withRetries } from "./retries.ts";
import { askTogether, CALLS_PER_RPC_MAX } from "./together.ts";

export interface GateCaller {
  readonly mode: Mode;
  readonly callContext: CallContext;
  readonly execution: Pick<ExecutionContext, "waitUntil">;
}

/** The caller of a request that `requireScope` let in. */
export function gateCaller(context: Context<AppEnv>): GateCaller {
  const { caller, callContext } = context.var;
  return { mode: caller.mode, callContext, execution: context.executionCtx };
}

/** Asks one account to decide calls, in order. Safe to repeat: ids make it so. */
export async function askAccount(
  env: Env,
  caller: GateCaller,
  accountId: string,
  calls: readonly UsageCall[],
): Promise<readonly UsageResult[]> {
  const accountKey = accountKeyOf(caller.mode, accountId);
  const results: UsageResult[] = [];
  for (let start = 0; start < calls.length; start += CALLS_PER_RPC_MAX) {
    const chunk = calls.slice(start, start + CALLS_PER_RPC_MAX);
    results.push(...(await withRetries(() => accountOf(env, accountKey).use(chunk, caller.callContext))));
  }
  return results;
}

/** Decides one event. */
export async function decideOne(
  env: Env,
  caller: GateCaller,
  body: EventBody,
  mode: UsageCall["mode"],
): Promise<UsageResult> {
  const accountKey = accountKeyOf(caller.mode, body.account);
  const call = { mode, event: toUsageEvent(body) };
  const ask = () => askTogether(env, caller.execution, accountKey, call, caller.callContext);
  return (await withRetries(ask)) ?? { kind: "internal_error" };
}

type ParsedEvent =
  | { readonly success: true; readonly data: EventBody }
  | { readonly success: false; readonly error: z.core.$ZodError };

/** An event as POST /v1/consume takes it. */
export function parseEvent(event: unknown): ParsedEvent {
  return eventSchema.safeParse(event);
}

/**
 * Decides events of any accounts: a result per event, in the order sent; one that is refused costs the others
 * nothing. Accounts are asked in parallel, the events of one account in their order.
 */
export async function decideMany(
  env: Env,
  caller: GateCaller,
  events: readonly unknown[],
  mode: UsageCall["mode"],
  requestId: string,
  parse: (event: unknown) => ParsedEvent = parseEvent,
): Promise<EventResult[]> {
  const results: EventResult[] = [];
  const byAccount = new Map<string, { readonly index: number; readonly body: EventBody }[]>();
  for (const [index, event] of events.entries()) {
    const parsed = parse(event);
    if (parsed.success) {
      const group = byAccount.get(parsed.data.account) ?? [];
      group.push({ index, body: parsed.data });
      byAccount.set(parsed.data.account, group);
    } else {
      results[index] = { id: idOf(event), problem: problemDocument(invalidRequest(parsed.error), requestId) };
    }
  }
  await Promise.all(
    [...byAccount].map(async ([account, group]) => {
      const calls = group.map(({ body }) => ({ mode, event: toUsageEvent(body) }));
      const answers = await askOrFail(env, caller, account, calls);
      for (const [position, { index, body }] of group.entries()) {
        results[index] = eventResult(body, answers[position] ?? { kind: "internal_error" }, requestId);
      }
    }),
  );
  return results;
}

/** An account that cannot be reached fails its own events only. */
async function askOrFail(
  env: Env,
  caller: GateCaller,
  accountId: string,
  calls: readonly UsageCall[],
): Promise<readonly UsageResult[]> {
  try {
    return await askAccount(env, caller, accountId, calls);
  } catch (error) {
    console.error("an account did not answer", error);
    return calls.map(() => ({ kind: "internal_error" }));
  }
}

function eventResult(body: EventBody, result: UsageResult, requestId: string): EventResult {
  switch (result.kind) {
    case "allowed":
    case "quoted":
    case "denied":
      return decisionAnswer(body.id, result);
    default:
      return { id: body.id, problem: problemDocument(usageProblem(result, body.account), requestId) };
  }
}

function idOf(event: unknown): string | null {
  if (typeof event !== "object" || event === null || !("id" in event)) return null;
  return typeof event.id === "string" ? event.id : null;
}
