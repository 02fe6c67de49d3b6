/** What `npm run replay` takes, checked when it is given. */
import { parseArgs } from "node:util";

export const USAGE = `Usage: npm run replay -- FILE.csv [options]
Sends each line of a CSV of real usage to a running Drawdown as an event, and proves that all of them are booked once.

  --map COLUMN=ACTION    a column that holds a quantity, and the action it counts; repeat it for more
                         (default ContextTokens=input_tokens and GeneratedTokens=output_tokens)
  --time-column COLUMN   when it happened (default TIMESTAMP; without an offset: UTC)
  --feature FEATURE      what was used (default assistant)
  --accounts NUMBER      lines are dealt out to this many accounts, in turn (default 50)
  --account-prefix TEXT  their names are TEXT-01, TEXT-02, … (default the file's name)
  --speed max|FACTOR     as fast as it goes, or in trace time: 1 real time, 60 a minute a second (default max)
  --concurrency NUMBER   requests under way at once (default 32)
  --batch NUMBER         events per request; 1 calls /v1/consume, more /v1/events (default 1)
  --mode consume|record  consume asks whether each event is allowed, record books it; record uses /v1/events
                         (default consume)
  --url URL              where Drawdown runs (default the local server's, else http://127.0.0.1:8787)
  --key KEY              a key with all scopes (default $DRAWDOWN_KEY, else the local server's)
  --patience SECONDS     for how long a server that does not answer is waited for (default 60)
  --fresh                new ids and times: the same file is booked once more
  --state FOLDER         where it is kept what was sent when (default .drawdown/replay)
  --help                 this text

Accounts that do not exist are opened, with one pack and pay as you go, so that nothing is denied. Started again, the
same replay sends the same events and books nothing twice; after a break it goes on that way.`;

export const EVENTS_PER_REQUEST_MAX = 1000;
const ACCOUNTS_MAX = 100_000;
const CONCURRENCY_MAX = 1000;
const PATIENCE_SECONDS_MAX = 86_400;
const DEFAULT_MAP = ["ContextTokens=input_tokens", "GeneratedTokens=output_tokens"];

export interface ColumnAction {
  readonly column: string;
  readonly action: string;
}

export interface ReplayOptions {
  readonly file: string;
  readonly map: readonly ColumnAction[];
  readonly timeColumn: string;
  readonly feature: string;
  readonly accounts: number;
  /** undefined: made from the file's name. */
  readonly accountPrefix: string | undefined;
  /** Trace seconds per second; null: as fast as it goes. */
  readonly speed: number | null;
  readonly concurrency: number;
  readonly batch: number;
  readonly mode: "consume" | "record";
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly patienceMs: number;
  readonly fresh: boolean;
  readonly stateFolder: string | undefined;
}

/** Something that the user can put right; its message is all that is shown. */
export class ReplayRefusal extends Error {}

/** null: help was asked for. */
export function readOptions(args: readonly string[]): ReplayOptions | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new ReplayRefusal("name one CSV file");
  if (values.mode !== "consume" && values.mode !== "record")
    throw refusal("mode", values.mode, "consume or record");
  return {
    file,
    map: (values.map ?? DEFAULT_MAP).map(readColumnAction),
    timeColumn: values["time-column"],
    feature: values.feature,
    accounts: readWhole("accounts", values.accounts, ACCOUNTS_MAX),
    accountPrefix: values["account-prefix"],
    speed: readSpeed(values.speed),
    concurrency: readWhole("concurrency", values.concurrency, CONCURRENCY_MAX),
    batch: readWhole("batch", values.batch, EVENTS_PER_REQUEST_MAX),
    mode: values.mode,
    url: values.url,
    key: values.key,
    patienceMs: readWhole("patience", values.patience, PATIENCE_SECONDS_MAX) * 1000,
    fresh: values.fresh,
    stateFolder: values.state,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        map: { type: "string", multiple: true },
        "time-column": { type: "string", default: "TIMESTAMP" },
        feature: { type: "string", default: "assistant" },
        accounts: { type: "string", default: "50" },
        "account-prefix": { type: "string" },
        speed: { type: "string", default: "max" },
        concurrency: { type: "string", default: "32" },
        batch: { type: "string", default: "1" },
        mode: { type: "string", default: "consume" },
        url: { type: "string" },
        key: { type: "string" },
        patience: { type: "string", default: "60" },
        fresh: { type: "boolean", default: false },
        state: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new ReplayRefusal(error instanceof Error ? error.message : String(error));
  }
}

function refusal(option: string, text: string, takes: string): ReplayRefusal {
  return new ReplayRefusal(`--${option} ${text}: give ${takes}`);
}

function readColumnAction(text: string): ColumnAction {
  const split = text.lastIndexOf("=");
  const column = text.slice(0, split);
  const action = text.slice(split + 1);
  if (split < 1 || action === "") throw refusal("map", text, "COLUMN=ACTION");
  return { column, action };
}

function readWhole(option: string, text: string, max: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > max) {
    throw refusal(option, text, `a whole number from 1 to ${max}`);
  }
  return number;
}

function readSpeed(text: string): number | null {
  if (text === "max") return null;
  const factor = Number(text);
  if (!Number.isFinite(factor) || factor <= 0) throw refusal("speed", text, "max or a factor above 0");
  return factor;
}
