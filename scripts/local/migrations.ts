/**
 * Applies D1 migrations with the bookkeeping of `wrangler d1 migrations apply`, which may be used on the same database.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Miniflare } from "miniflare";
import { unstable_splitSqlQuery as splitStatements } from "wrangler";
import { StartRefusal } from "./refusal.ts";
import { startRuntime } from "./runtime.ts";
import type { ServerLog } from "./server-log.ts";
import type { StateFolder } from "./state-folder.ts";
import type { WorkerSettings } from "./worker-settings.ts";

type Database = Awaited<ReturnType<Miniflare["getD1Database"]>>;

const EMPTY_WORKER = "export default {}";
const CREATE_BOOKS = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/**
 * Brings all databases of the state up to date, in a runtime of its own, so that nobody is served before it is done.
 *
 * @throws {StartRefusal} naming the file that failed; those before it stay applied.
 */
export async function migrate(state: StateFolder, settings: WorkerSettings, log: ServerLog): Promise<void> {
  const { name, databases, workerOptions } = settings;
  const worker = {
    name,
    compatibilityDate: workerOptions.compatibilityDate,
    modules: [{ type: "ESModule" as const, path: "index.js", contents: EMPTY_WORKER }],
    d1Databases: workerOptions.d1Databases,
  };
  const runtime = await startRuntime({ state, workers: [worker], log });
  try {
    for (const { binding, migrationsFolder } of databases) {
      const applied = await applyMigrations(await runtime.getD1Database(binding, name), migrationsFolder);
      if (applied.length > 0) log.write(`Applied to ${binding}: ${applied.join(", ")}`);
    }
  } finally {
    await runtime.dispose();
  }
}

/** Applies what is new, in order, each file in one transaction with its book entry. Returns the names of the new. */
async function applyMigrations(database: Database, migrationsFolder: string): Promise<readonly string[]> {
  await database.prepare(CREATE_BOOKS).run();
  const applied = await database.prepare("SELECT name FROM d1_migrations").all<{ name: string }>();
  const appliedNames = new Set(applied.results.map(({ name }) => name));
  const newNames = listMigrations(migrationsFolder).filter((name) => !appliedNames.has(name));
  for (const name of newNames) await applyMigration(database, migrationsFolder, name);
  return newNames;
}

function listMigrations(migrationsFolder: string): readonly string[] {
  if (!existsSync(migrationsFolder)) return [];
  return readdirSync(migrationsFolder)
    .filter((name) => name.endsWith(".sql"))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1));
}

async function applyMigration(database: Database, migrationsFolder: string, name: string): Promise<void> {
  const statements = splitStatements(readFileSync(join(migrationsFolder, name), "utf8"));
  const bookEntry = database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name);
  try {
    await database.batch([...statements.map((statement) => database.prepare(statement)), bookEntry]);
  } catch (error) {
    throw new StartRefusal(`The migration ${name} failed: ${error instanceof Error ? error.message : error}`);
  }
}
