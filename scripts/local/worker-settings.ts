/** What the local runtime needs to know from wrangler.toml, read by wrangler itself. */
import { dirname, resolve } from "node:path";
import type { V4WorkerOptions, V4WorkerOptionsShape } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";

export interface WorkerSettings {
  readonly name: string;
  /** Cron expressions of [triggers]. */
  readonly crons: readonly string[];
  readonly databases: readonly DatabaseSettings[];
  /** Bindings, queues, compatibility date and so on, for Miniflare. */
  readonly workerOptions: V4WorkerOptionsShape;
  /** Workers that stand in for bindings which Miniflare does not have itself. */
  readonly otherWorkers: readonly V4WorkerOptions[];
}

export interface DatabaseSettings {
  readonly binding: string;
  readonly migrationsFolder: string;
}

/** The part of wrangler's configuration that is read here; its own type needs packages that it does not bring. */
interface WranglerConfig {
  readonly name?: string;
  readonly triggers: { readonly crons?: readonly string[] };
  readonly d1_databases: readonly { readonly binding: string; readonly migrations_dir?: string }[];
}

const DEFAULT_MIGRATIONS_FOLDER = "migrations";

export function readWorkerSettings(configPath: string): WorkerSettings {
  const config = unstable_readConfig({ config: configPath });
  const { name, triggers, d1_databases: databases }: WranglerConfig = config;
  if (name === undefined) throw new Error(`${configPath} gives the Worker no name`);
  const { workerOptions, externalWorkers } = unstable_getMiniflareWorkerOptions(config);
  const { modulesRules: _, ...withoutSource } = workerOptions;
  return {
    name,
    crons: triggers.crons ?? [],
    databases: databases.map(({ binding, migrations_dir: folder = DEFAULT_MIGRATIONS_FOLDER }) => ({
      binding,
      migrationsFolder: resolve(dirname(configPath), folder),
    })),
    workerOptions: withoutSource as V4WorkerOptionsShape,
    otherWorkers: externalWorkers,
  };
}
