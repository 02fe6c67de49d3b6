/** Wires handlers and exports classes, nothing else. */

import { runBilling } from "./billing/runs.ts";
import type { Env } from "./env.ts";
import { app } from "./ingest/app.ts";
import { dispatchAnalyses } from "./insights/schedule.ts";
import { sweepDeliveries } from "./notifications/sweep.ts";
import { resumeTelling } from "./operator/rate-notices.ts";
import { noteCronRun } from "./operator/status.ts";
import { consume } from "./queues.ts";
import { sweepSessions } from "./sessions/store.ts";

export { Account } from "./account/account.ts";
export { Credits } from "./ingest/rpc.ts";

export default {
  fetch: app.fetch,
  queue: consume,
  scheduled: async (controller, env) => {
    const { scheduledTime } = controller;
    await Promise.all([
      runBilling(env, scheduledTime),
      dispatchAnalyses(env, scheduledTime),
      sweepDeliveries(env, scheduledTime),
      resumeTelling(env, scheduledTime),
      sweepSessions(env, scheduledTime),
    ]);
    await noteCronRun(env, Date.now());
  },
} satisfies ExportedHandler<Env>;
