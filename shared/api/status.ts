/** The health of the pipeline behind the accounts, and the runs of billing, on the wire. */
import { z } from "@hono/zod-openapi";
import { CURSOR_TEXT, formatInstant, instantOutSchema, MODES, pageQuerySchema } from "./common.ts";

/** Counts stop here: how many more there are changes nothing. */
export const COUNT_MAX = 10_000;

export const STATUS_PROBLEMS = [
  "database_unreachable",
  "cron_late",
  "accounts_overdue",
  "deliveries_overdue",
  "dead_letters",
] as const;
export type StatusProblem = (typeof STATUS_PROBLEMS)[number];

const momentSchema = z.object({ at: instantOutSchema, ageSeconds: z.number() }).nullable();
const countSchema = z.number().openapi({ description: `at most ${COUNT_MAX} are counted` });

const pipelineSchema = z.object({
  revision: z.number().openapi({ description: "of catalogue and rate sheets: grows with each change" }),
  cron: z.object({
    lastRun: momentSchema.openapi({ description: "the last run that ended well; null: none yet" }),
  }),
  log: z.object({
    lastStored: momentSchema.openapi({
      description: "when entries last came into the log, to 10 s; null: none yet",
    }),
  }),
  billing: z.object({
    accountsOverdue: countSchema.openapi({
      description: "accounts whose period has ended, or that have something to invoice, for over 10 minutes",
    }),
    oldestUnsettled: momentSchema.openapi({
      description: "since when the account that waits longest is due; null: none is",
    }),
  }),
  deliveries: z.object({
    pending: countSchema,
    oldestPending: momentSchema.openapi({ description: "since when it waits for its receiver" }),
    overdue: countSchema.openapi({
      description: "those whose next attempt should have been made over 10 minutes ago",
    }),
    failed: countSchema.openapi({ description: "given up; GET /v1/deliveries?status=failed" }),
    oldestFailed: momentSchema,
  }),
  deadLetters: z.object({
    waiting: countSchema.openapi({ description: "not resent; GET /v1/dead-letters?resent=false" }),
    oldest: momentSchema,
  }),
});

export const statusSchema = z
  .object({
    ok: z.boolean().openapi({ description: "true: there are no problems" }),
    problems: z.array(z.enum(STATUS_PROBLEMS)).openapi({ description: "what somebody should look at" }),
    at: instantOutSchema,
    mode: z
      .enum(MODES)
      .openapi({ description: "of the key; accounts and deliveries are those of this mode" }),
    database: z.object({
      reachable: z.boolean(),
      answeredInMs: z.number().nullable(),
    }),
    pipeline: pipelineSchema
      .nullable()
      .openapi({ description: "null while the database is not reachable; accounts decide without it" }),
  })
  .openapi("Status");

export type Status = z.infer<typeof statusSchema>;

/** What D1 says; `…Ms` are moments, null where there is nothing. */
export interface PipelineFigures {
  readonly revision: number;
  readonly cronAtMs: number | null;
  readonly storedAtMs: number | null;
  readonly accountsOverdue: number;
  readonly oldestUnsettledMs: number | null;
  readonly pending: number;
  readonly oldestPendingMs: number | null;
  readonly overdue: number;
  readonly failed: number;
  readonly oldestFailedMs: number | null;
  readonly deadLetters: number;
  readonly oldestDeadLetterMs: number | null;
}

/** What should have happened this long ago is a problem. */
export const OVERDUE_MS = 10 * 60_000;

export function statusProblems(figures: PipelineFigures | null, nowMs: number): readonly StatusProblem[] {
  if (figures === null) return ["database_unreachable"];
  const { cronAtMs, accountsOverdue, overdue, deadLetters } = figures;
  const found: Readonly<Record<Exclude<StatusProblem, "database_unreachable">, boolean>> = {
    cron_late: cronAtMs === null || nowMs - cronAtMs > OVERDUE_MS,
    accounts_overdue: accountsOverdue > 0,
    deliveries_overdue: overdue > 0,
    dead_letters: deadLetters > 0,
  };
  return STATUS_PROBLEMS.filter((problem) => problem !== "database_unreachable" && found[problem]);
}

export function pipelineAnswer(figures: PipelineFigures, nowMs: number): NonNullable<Status["pipeline"]> {
  const moment = (atMs: number | null) =>
    atMs === null
      ? null
      : { at: formatInstant(atMs), ageSeconds: Math.max(0, Math.floor((nowMs - atMs) / 1000)) };
  return {
    revision: figures.revision,
    cron: { lastRun: moment(figures.cronAtMs) },
    log: { lastStored: moment(figures.storedAtMs) },
    billing: {
      accountsOverdue: figures.accountsOverdue,
      oldestUnsettled: moment(figures.oldestUnsettledMs),
    },
    deliveries: {
      pending: figures.pending,
      oldestPending: moment(figures.oldestPendingMs),
      overdue: figures.overdue,
      failed: figures.failed,
      oldestFailed: moment(figures.oldestFailedMs),
    },
    deadLetters: { waiting: figures.deadLetters, oldest: moment(figures.oldestDeadLetterMs) },
  };
}

export const billingRunSchema = z
  .object({
    at: instantOutSchema,
    dispatched: z.number().openapi({ description: "accounts of both modes that were due" }),
  })
  .openapi("BillingRun");

export const billingRunsQuerySchema = pageQuerySchema.extend({
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, "take it unchanged from nextCursor")
    .transform(Number)
    .optional()
    .openapi({ type: "string", description: CURSOR_TEXT }),
});
