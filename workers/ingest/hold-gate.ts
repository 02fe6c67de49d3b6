/** The way of holds to their accounts and back, the same for HTTP and for RPC callers. Safe to repeat: ids make it so. */
import type { z } from "@hono/zod-openapi";
import { accountKeyOf } from "../../shared/account-key.ts";
import {
  type captureSchema,
  type holdBodySchema,
  type releaseSchema,
  toCapture,
  toHoldCall,
} from "../../shared/api/holds.ts";
import type { AccountApi, CaptureResult, HoldResult, ReleaseResult } from "../../shared/protocol.ts";
import { accountOf } from "../account/stub.ts";
import type { Env } from "../env.ts";
import type { GateCaller } from "./gate.ts";
import { withRetries } from "./retries.ts";

function askHolder<Result>(
  env: Env,
  caller: GateCaller,
  accountId: string,
  ask: (account: AccountApi) => Promise<Result>,
): Promise<Result> {
  const accountKey = accountKeyOf(caller.mode, accountId);
  return withRetries(() => ask(accountOf(env, accountKey)));
}

export function openHold(
  env: Env,
  caller: GateCaller,
  body: z.infer<typeof holdBodySchema>,
): Promise<HoldResult> {
  const call = toHoldCall(body);
  return askHolder(env, caller, body.account, (account) => account.hold(call, caller.callContext));
}

export function captureHold(
  env: Env,
  caller: GateCaller,
  id: string,
  body: z.infer<typeof captureSchema>,
): Promise<CaptureResult> {
  const capture = toCapture(body);
  return askHolder(env, caller, body.account, (account) => account.capture(id, capture, caller.callContext));
}

export function releaseHold(
  env: Env,
  caller: GateCaller,
  id: string,
  body: z.infer<typeof releaseSchema>,
): Promise<ReleaseResult> {
  return askHolder(env, caller, body.account, (account) => account.release(id, caller.callContext));
}
