/** Miniflare as it is used here: on a state folder, without network of its own, and with a runtime that ends with us. */
import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptions } from "miniflare";
import { WORKERD_WRAPPER } from "./runtime-processes.ts";
import type { ServerLog } from "./server-log.ts";
import type { StateFolder } from "./state-folder.ts";

export interface RuntimeOptions {
  readonly state: StateFolder;
  readonly workers: readonly V4WorkerOptions[];
  readonly log: ServerLog;
}

const EXECUTABLE = 0o755;
const OWNER_MAY_EXECUTE = 0o100;

/** Starts workerd. The caller holds the lock of the state, and disposes of the runtime before it releases it. */
export async function startRuntime({ state, workers, log }: RuntimeOptions): Promise<Miniflare> {
  nameWorkerd(state);
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      // The layout of `wrangler dev`, so that `wrangler d1 execute --local --persist-to <data>` sees the same.
      resourcePersistencePath: join(state.dataFolder, "v3"),
      resourceTmpPath: state.temporaryFolder,
      cf: false,
      log,
      logRequests: false,
      handleStructuredLogs: ({ message }) => log.write(message),
      unsafeRuntimeEnv: { DRAWDOWN_WORKERD: state.workerdFile },
      workers: [...workers],
    }),
  );
  try {
    await runtime.ready;
  } catch (error) {
    await runtime.dispose().catch(() => undefined);
    throw error;
  }
  return runtime;
}

/** Makes workerd known by a name inside the state folder, under which orphans are found. */
function nameWorkerd(state: StateFolder): void {
  const requireFromMiniflare = createRequire(import.meta.resolve("miniflare"));
  const { default: workerd } = requireFromMiniflare("workerd") as { default: string };
  mkdirSync(dirname(state.workerdFile), { recursive: true });
  rmSync(state.workerdFile, { force: true });
  symlinkSync(workerd, state.workerdFile);
  // An unpacked archive, unlike a clone, may have lost the mark.
  if ((statSync(WORKERD_WRAPPER).mode & OWNER_MAY_EXECUTE) === 0) chmodSync(WORKERD_WRAPPER, EXECUTABLE);
  process.env.MINIFLARE_WORKERD_PATH = WORKERD_WRAPPER;
}
