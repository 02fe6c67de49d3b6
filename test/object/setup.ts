/** Storage is isolated per file: each begins with a migrated D1. */
import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Env } from "../../workers/env.ts";

declare global {
  namespace Cloudflare {
    interface Env extends Drawdown {
      readonly MIGRATIONS: D1Migration[];
    }
  }
}

type Drawdown = Env;

await applyD1Migrations(env.DB, env.MIGRATIONS);
