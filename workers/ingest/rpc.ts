/**
 * The entry point for callers in the same Cloudflare account, who bind to it as a service: the same types and the
 * same answers as over HTTP, without keys, because the binding is the permission.
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { z } from "@hono/zod-openapi";
import { decisionAnswer, deniedAnswer } from "../../shared/api/answers.ts";
import type { Mode } from "../../shared/api/common.ts";
import type { EventProblem, EventResult } from "../../shared/api/decisions.ts";
import {
  type CaptureDecision,
  capturedAnswer,
  captureSchema,
  type HoldDecision,
  heldAnswer,
  type heldSchema,
  holdBodySchema,
  holdParamsSchema,
  releaseSchema,
} from "../../shared/api/holds.ts";
import type { eventSchema } from "../../shared/api/usage.ts";
import type { UsageCall } from "../../shared/protocol.ts";
import type { Env } from "../env.ts";
import { currentGate } from "./auth.ts";
import { decideMany, type GateCaller } from "./gate.ts";
import { captureHold, openHold, releaseHold } from "./hold-gate.ts";
import { invalidRequest, ProblemError, problemDocument } from "./http.ts";
import { holdProblem, usageProblem } from "./refusals.ts";

/** One event as a caller writes it: the body of POST /v1/consume. */
export type EventInput = z.input<typeof eventSchema>;
/** Bodies of POST /v1/holds, …/capture and …/release. */
export type HoldInput = z.input<typeof holdBodySchema>;
export type CaptureInput = z.input<typeof captureSchema>;
export type ReleaseInput = z.input<typeof releaseSchema>;

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

  /** Reserves credits for an event whose cost is not known yet (rules, 3.4). */
  async hold(hold: HoldInput, mode: Mode = "live"): Promise<HoldDecision | EventProblem> {
    return orProblem(hold.id, async () => {
      const body = parse(holdBodySchema, hold);
      const result = await openHold(this.env, await this.#caller(mode), body);
      switch (result.kind) {
        case "held":
          return heldAnswer(result);
        case "allowed":
        case "denied":
          return decisionAnswer(body.id, result);
        default:
          throw usageProblem(result, body.account);
      }
    });
  }

  /** Books the real cost of a hold (rules, 3.4). */
  async capture(
    id: string,
    capture: CaptureInput,
    mode: Mode = "live",
  ): Promise<CaptureDecision | EventProblem> {
    return orProblem(id, async () => {
      const params = parse(holdParamsSchema, { id });
      const body = parse(captureSchema, capture);
      const result = await captureHold(this.env, await this.#caller(mode), params.id, body);
      switch (result.kind) {
        case "captured":
          return capturedAnswer(result);
        case "denied":
          return deniedAnswer(id, result);
        default:
          throw holdProblem(result, body.account);
      }
    });
  }

  /** Gives a hold's credits back (rules, 3.4). */
  async release(
    id: string,
    release: ReleaseInput,
    mode: Mode = "live",
  ): Promise<z.infer<typeof heldSchema> | EventProblem> {
    return orProblem(id, async () => {
      const params = parse(holdParamsSchema, { id });
      const body = parse(releaseSchema, release);
      const result = await releaseHold(this.env, await this.#caller(mode), params.id, body);
      if (result.kind !== "held") throw holdProblem(result, body.account);
      return heldAnswer(result);
    });
  }

  async #decide(event: EventInput, call: UsageCall["mode"], mode: Mode): Promise<EventResult> {
    const caller = await this.#caller(mode);
    const [result] = await decideMany(this.env, caller, [event], call, crypto.randomUUID());
    if (result === undefined) throw new Error("an event has a result");
    return result;
  }

  async #caller(mode: Mode): Promise<GateCaller> {
    const { revision } = await currentGate(this.env.DB, this.ctx);
    return { mode, callContext: { offerRevision: revision }, execution: this.ctx };
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw invalidRequest(parsed.error);
  return parsed.data;
}

/** Problems are answers here, as in a batch: an exception would lose its type on the way. */
async function orProblem<Answer>(id: unknown, ask: () => Promise<Answer>): Promise<Answer | EventProblem> {
  try {
    return await ask();
  } catch (error) {
    const problem = error instanceof ProblemError ? error : usageProblem({ kind: "internal_error" }, "");
    if (problem !== error) console.error("an account did not answer", error);
    return {
      id: typeof id === "string" ? id : null,
      problem: problemDocument(problem, crypto.randomUUID()),
    };
  }
}
