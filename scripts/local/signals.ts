import type { LocalServer } from "./server.ts";

const END_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Closes the server, then ends the process, when it is asked to end. A second signal ends it at once.
 *
 * Miniflare's own listeners exit on the spot; these come in their place and leave nothing for the next start to clear.
 */
export function closeOnSignals(server: LocalServer): void {
  for (const signal of END_SIGNALS) {
    process.removeAllListeners(signal);
    process.once(signal, async () => {
      await server.close();
      process.exit();
    });
  }
}
