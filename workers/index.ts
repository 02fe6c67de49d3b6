/** Wires handlers and exports classes, nothing else. */

import type { Env } from "./env.ts";
import { app } from "./ingest/app.ts";

export { Account } from "./account/account.ts";

export default {
  fetch: app.fetch,
} satisfies ExportedHandler<Env>;
