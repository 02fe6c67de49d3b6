/** Wires handlers and exports classes, nothing else. */

import { dispatchDueAccounts } from "./billing/cron.ts";
import type { Env } from "./env.ts";
import { app } from "./ingest/app.ts";
import { sweepDeliveries } from "./notifications/sweep.ts";
import { resumeTelling } from "./operator/rate-notices.ts";
import { consume } from "./queues.ts";

export { Account } from "./account/account.ts";
export { Credits } from "./ingest/rpc.ts";

export default {
  fetch: app.fetch,
  queue: consume,
  scheduled: async (controller, env) => {
    const { scheduledTime } = controller;
    await Promise.all([
      dispatchDueAccounts(env, scheduledTime),
      sweepDeliveries(env, scheduledTime),
      resumeTelling(env, scheduledTime),
    ]);
  },
} satisfies ExportedHandler<Env>;
