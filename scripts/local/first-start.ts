/** The demo operator: seeded once per state, remembered by a file in it. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { LocalServer } from "./server.ts";

/** What the first start made, as far as later starts show it. Kept as JSON. */
export interface DemoSummary {
  /** Body of a `POST /v1/consume` that is allowed on the seeded state, again and again. */
  readonly consume: Readonly<Record<string, unknown>>;
  /** Keys of the operator besides the one of this machine, in words and as callers send them. */
  readonly keys: readonly { readonly about: string; readonly key: string }[];
  /** One line for each thing worth knowing: accounts and their states, features, packs. */
  readonly about: readonly string[];
}

/**
 * Makes the demo operator through the API. A start that was killed in the middle calls it again, so it must bear being
 * repeated.
 */
export type Seed = (operator: { readonly url: string; readonly adminKey: string }) => Promise<DemoSummary>;

export async function seedOnce(server: LocalServer, adminKey: string, seed: Seed): Promise<DemoSummary> {
  const { seededFile } = server.state;
  if (!existsSync(seededFile)) {
    const summary = await seed({ url: server.url, adminKey });
    writeFileSync(`${seededFile}.new`, `${JSON.stringify(summary, null, 2)}\n`);
    renameSync(`${seededFile}.new`, seededFile);
  }
  return JSON.parse(readFileSync(seededFile, "utf8")) as DemoSummary;
}
