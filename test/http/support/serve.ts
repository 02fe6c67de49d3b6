/** Serves Drawdown on the state folder and port named by the arguments, as a process that tests may kill. */
import { startServer } from "../../../scripts/local/server.ts";
import { closeOnSignals } from "../../../scripts/local/signals.ts";

const [stateFolder = "", port = "0"] = process.argv.slice(2);
const server = await startServer({ stateFolder, port: Number(port), cron: false });
closeOnSignals(server);
console.log(`ready ${server.url}`);
