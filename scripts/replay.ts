/** `npm run replay -- FILE.csv`: real usage, sent to a running Drawdown and proved to be booked exactly once. */
import { fileURLToPath } from "node:url";
import { Drawdown, DrawdownError } from "../shared/client/client.ts";
import { openAccounts } from "./replay/accounts.ts";
import { type ReplayOptions, ReplayRefusal, readOptions, USAGE } from "./replay/options.ts";
import { type Plan, planReplay } from "./replay/plan.ts";
import { refuseUnpriced } from "./replay/prices.ts";
import { showProgress } from "./replay/progress.ts";
import { tallyTable, verificationTable } from "./replay/report.ts";
import { decided, newTally, sendEvents, type Tally } from "./replay/send.ts";
import { findTarget } from "./replay/target.ts";
import { readTrace } from "./replay/trace.ts";
import { verifyReplay } from "./replay/verify.ts";

const DEFAULT_STATE_FOLDER = fileURLToPath(new URL("../.drawdown/replay", import.meta.url));
/** A server that is not there at the start is not about to come back. */
const FIRST_ANSWER_WITHIN_MS = 3_000;
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === null) {
      console.log(USAGE);
      return 0;
    }
    return (await replay(options)) ? 0 : EXIT_FAILURE;
  } catch (error) {
    if (!(error instanceof ReplayRefusal)) throw error;
    console.error(`${error.message}\nnpm run replay -- --help lists the options.`);
    return EXIT_USAGE;
  }
}

/** Whether everything was sent, allowed or denied, and all figures agree. */
async function replay(options: ReplayOptions): Promise<boolean> {
  const trace = await readTrace(options.file, options.timeColumn, options.map);
  const { url, key } = await findTarget(options);
  const connect = (retryForMs: number) => new Drawdown({ baseUrl: url, apiKey: key, retryForMs });
  const drawdown = connect(options.patienceMs);
  const tally = newTally();
  try {
    refuseUnpriced(
      await connect(Math.min(options.patienceMs, FIRST_ANSWER_WITHIN_MS)).rateSheet("current"),
      options.feature,
      options.map.map(({ action }) => action),
    );
    const plan = planReplay(trace, options, url, options.stateFolder ?? DEFAULT_STATE_FOLDER, Date.now());
    await openAccounts(drawdown, plan.accounts);
    console.log(opening(plan, options, url));
    await send(drawdown, plan, options, tally);
    console.log(`${tallyTable(tally)}\n\nVerifying ${plan.accounts.length.toLocaleString("en")} accounts …`);
    const verification = await verifyReplay(drawdown, plan, tally.booked);
    console.log(verificationTable(verification, plan.accounts.length));
    return verification.mismatches.length === 0 && tally.refused === 0;
  } catch (error) {
    if (error instanceof ReplayRefusal) throw error;
    console.error(brokenOff(error, tally, url));
    return false;
  }
}

function opening(plan: Plan, { file }: ReplayOptions, url: string): string {
  const [first, last] = [plan.accounts[0], plan.accounts.at(-1)];
  const again = plan.isRepeated ? ", again: what is booked already is not booked twice" : "";
  const events = plan.events.length.toLocaleString("en");
  return `${file}: ${events} events for ${first} to ${last} at ${url}${again}`;
}

async function send(drawdown: Drawdown, plan: Plan, options: ReplayOptions, tally: Tally): Promise<void> {
  const progress = showProgress(plan.events.length, () => decided(tally));
  try {
    await sendEvents(drawdown, plan.events, options, tally);
  } finally {
    progress.end();
  }
}

function brokenOff(error: unknown, tally: Tally, url: string): string {
  const sent = decided(tally) === 0 ? "" : `\n${tallyTable(tally)}`;
  return `${reasonOf(error, url)}${sent}\nNot finished. Run the same command again: it goes on, and books nothing twice.`;
}

function reasonOf(error: unknown, url: string): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof DrawdownError || error.cause === undefined) return error.message;
  const cause = error.cause instanceof Error ? error.cause.message : String(error.cause);
  return `${url}: ${error.message}: ${cause}`;
}
