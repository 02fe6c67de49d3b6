/**
 * The entry point for callers in the same Cloudflare account, who bind to it as a service: the same types and the
 * same answers as over HTTP, without keys, because the binding is the permission.
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { z } from "@hono/zod-openapi";
import type { Mode } from "../../shared/api/common.ts";
import type { EventResult, eventSchema } from "../../shared/api/usage.ts";
import type { UsageCall } from "../../shared/protocol.ts";
import type { Env } from "../env.ts";
import { currentGate } from "./auth.ts";
import { decideMany } from "./gate.ts";

/** One event as a caller writes it: the body of POST /v1/consume. */
export type EventInput = z.input<typeof eventSchema>;

export class Credits extends WorkerEntrypoint<Env> {
  /** Quotes an event and says whether it would be allowed; books nothing (rules, 3.3). */
  async check(event: EventInput, mode: Mode = "live"): Promise<EventResult> {
    return this.#decide(event, "check", mode);
  }

  /** Allows or denies an event and books it, durable before the answer (rules, 3.1). */
  async consume(event: EventInput, mode: Mode = "live"): Promise<EventResult> {
    return this.#decide(event, "consume", mode);
  }

  /** Books a fact that already happened (rules, 3.2). */
  async record(event: EventInput, mode: Mode = "live"): Promise<EventResult> {
    return this.#decide(event, "record", mode);
  }

  async #decide(event: EventInput, call: UsageCall["mode"], mode: Mode): Promise<EventResult> {
    const { revision } = await currentGate(this.env.DB, this.ctx);
    const caller = { mode, callContext: { offerRevision: revision }, execution: this.ctx };
    const [result] = await decideMany(this.env, caller, [event], call, crypto.randomUUID());
    if (result === undefined) throw new Error("an event has a result");
    return result;
  }
}
