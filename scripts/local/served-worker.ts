/** The Worker of a wrangler.toml in workerd, on a state whose lock the caller holds. */
import type { V4ModuleDefinition, V4WorkerOptions } from "miniflare";
import { createCron } from "./cron.ts";
import { migrate } from "./migrations.ts";
import { startRuntime } from "./runtime.ts";
import { ServerLog, type WriteLine } from "./server-log.ts";
import type { StateFolder } from "./state-folder.ts";
import { readWorkerSettings } from "./worker-settings.ts";

export interface ServedWorkerOptions {
  readonly state: StateFolder;
  readonly log: WriteLine;
  readonly configPath: string;
  /** The modules of the Worker, which may still be in the making. */
  readonly building: Promise<V4ModuleDefinition[]>;
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly signingSecret: string;
  /** Whether cron work is done at each full minute. */
  readonly cron: boolean;
  readonly companions: readonly Companion[];
}

/** A Worker served beside, by the same runtime, on a socket of its own: what benchmarks compare with. */
export interface Companion {
  readonly name: string;
  /** One ES module. */
  readonly script: string;
  /** Durable Object classes on SQLite, by binding. */
  readonly objects: Readonly<Record<string, string>>;
}

export interface ServedWorker {
  readonly url: string;
  /** By name. */
  readonly companionUrls: Readonly<Record<string, string>>;
  runScheduled(): Promise<void>;
  close(): Promise<void>;
}

/** Serves once the databases are up to date. No runtime is left when it throws. */
export async function serveWorker(options: ServedWorkerOptions): Promise<ServedWorker> {
  const { state, configPath, building, host, port, signingSecret } = options;
  const log = new ServerLog(state, options.log);
  const settings = readWorkerSettings(configPath);
  const migrating = migrate(state, settings, log);
  // Both are over before the failure of one counts, so that nothing runs on after a start that failed.
  await Promise.allSettled([building, migrating]);
  await migrating;
  const worker: V4WorkerOptions = {
    ...settings.workerOptions,
    name: settings.name,
    modules: await building,
    bindings: { ...settings.workerOptions.bindings, KEY_SIGNING_SECRET: signingSecret },
    unsafeDirectSockets: [{ host, port }],
  };
  const companions = options.companions.map((companion) => companionWorker(companion, worker, host));
  const workers = [worker, ...settings.otherWorkers, ...companions];
  const runtime = await startRuntime({ state, workers, log });
  const { origin: url } = await runtime.unsafeGetDirectURL(settings.name);
  const companionUrls: Record<string, string> = {};
  for (const { name } of options.companions) {
    companionUrls[name] = (await runtime.unsafeGetDirectURL(name)).origin;
  }
  const cron = createCron(runtime, settings);
  if (options.cron) cron.startTimer((error) => log.write(`Cron failed: ${error}`));
  const close = async () => {
    await cron.stopTimer();
    await runtime.dispose();
  };
  return { url, companionUrls, runScheduled: cron.run, close };
}

function companionWorker(companion: Companion, like: V4WorkerOptions, host: string): V4WorkerOptions {
  const objects = Object.entries(companion.objects);
  return {
    name: companion.name,
    compatibilityDate: like.compatibilityDate,
    modules: [{ type: "ESModule", path: `${companion.name}.js`, contents: companion.script }],
    durableObjects: Object.fromEntries(
      objects.map(([binding, className]) => [binding, { className, useSQLite: true }]),
    ),
    unsafeDirectSockets: [{ host, port: 0 }],
  };
}
