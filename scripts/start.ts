/** `npm start`: Drawdown on this machine, with a demo operator, at full speed. `npm run dev` is the one with reload. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mintKey, SCOPES } from "../shared/api-keys.ts";
import { Drawdown } from "../shared/client/client.ts";
import { type DemoSummary, seedOnce } from "./local/first-start.ts";
import { StartRefusal } from "./local/refusal.ts";
import { seed } from "./local/seed.ts";
import { type LocalServer, startServer } from "./local/server.ts";
import { closeOnSignals } from "./local/signals.ts";

const USAGE = `Usage: npm start -- [options]
  --port NUMBER   port on 127.0.0.1 (default 8787; 0 for any free one)
  --state FOLDER  where accounts, log, keys and e-mails are kept (default .drawdown/local)
  --reset         forget that state and begin anew
  --help          this text`;

const DEMO_ACCOUNT = "acme";
const DEMO_USER = "u_ada";
const DEFAULT_PORT = "8787";
const PORT_MAX = 65_535;
const DEFAULT_STATE_FOLDER = fileURLToPath(new URL("../.drawdown/local", import.meta.url));
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

const options = readOptions();
try {
  const server = await startServer({ ...options, stateFolder: options.state });
  closeOnSignals(server);
  const adminKey = await mintKey({ keyId: "key_local", mode: "live", scopes: SCOPES }, server.signingSecret);
  const demo = await seedOnce(server, adminKey, seed);
  console.log(greeting(server, adminKey, demo, await pagesLink(server, adminKey)));
} catch (error) {
  console.error(error instanceof StartRefusal ? error.message : error);
  process.exit(EXIT_FAILURE);
}

function readOptions(): { port: number; state: string; reset: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", default: DEFAULT_PORT },
        state: { type: "string", default: DEFAULT_STATE_FOLDER },
        reset: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit();
    }
    return { ...values, port: readPort(values.port) };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(EXIT_USAGE);
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > PORT_MAX) throw new Error(`--port ${text}: not a port number`);
  return port;
}

/** Signs the demo's super admin in to the pages of her account; a new link at each start. */
async function pagesLink({ url: baseUrl }: LocalServer, apiKey: string): Promise<string> {
  const { url } = await new Drawdown({ baseUrl, apiKey }).createPortalSession(DEMO_ACCOUNT, DEMO_USER);
  return url;
}

function greeting({ url, state }: LocalServer, adminKey: string, demo: DemoSummary, pages: string): string {
  const folder = relative(process.cwd(), state.path) || ".";
  const body = JSON.stringify(demo.consume);
  return `
Drawdown runs at ${url} (reference: ${url}/docs)
State: ${folder}   E-mails: ${folder}/email   Stop: Ctrl-C

${demo.about.join("\n")}

Key with all scopes:
${adminKey}
${demo.keys.map(({ about, key }) => `\n${about}:\n${key}\n`).join("")}
Pages of the account acme, as its super admin (the link opens once, within 5 minutes):
${pages}
Pages of the operator, with the key above: ${url}/sign-in

Try it:
curl ${url}/v1/consume -H 'Authorization: Bearer ${adminKey}' \\
  -H 'Content-Type: application/json' -d '${body.replaceAll("'", "'\\''")}'
`;
}
