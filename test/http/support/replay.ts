/** `npm run replay` as a person runs it: a process with arguments, an exit code and words. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const REPLAY = fileURLToPath(new URL("../../../scripts/replay.ts", import.meta.url));

export interface ReplayOutcome {
  readonly exitCode: number | null;
  /** What it wrote, on both streams. */
  readonly output: string;
  /** The table's values by their labels. */
  readonly table: Readonly<Record<string, string>>;
}

export async function runReplay(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ReplayOutcome> {
  const { DRAWDOWN_KEY: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [REPLAY, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...inherited, ...environment },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  await once(child, "close");
  return { exitCode: child.exitCode, output, table: readTable(output) };
}

/** Label and value stand some spaces apart. */
function readTable(output: string): Readonly<Record<string, string>> {
  const rows = [...output.matchAll(/^(\S.*?) {2,}(\S.*)$/gm)];
  return Object.fromEntries(rows.map(([, label = "", value = ""]) => [label, value]));
}
