/** Serves the stand-in Worker on the state folder named by the first argument, as a process that tests may kill. */
import { fileURLToPath } from "node:url";
import { startServer } from "../../../scripts/local/server.ts";
import { closeOnSignals } from "../../../scripts/local/signals.ts";

const [stateFolder = ""] = process.argv.slice(2);
const configPath = fileURLToPath(new URL("./wrangler.toml", import.meta.url));
const server = await startServer({ stateFolder, configPath, cron: false });
closeOnSignals(server);
console.log(`ready ${server.url}`);
