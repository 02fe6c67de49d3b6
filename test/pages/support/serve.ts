/** Serves Drawdown with the demo operator on the state folder named by the argument; says where as a line of JSON. */
import { seed } from "../../../scripts/local/seed.ts";
import { startServer } from "../../../scripts/local/server.ts";
import { closeOnSignals } from "../../../scripts/local/signals.ts";
import type { Mode } from "../../../shared/api/common.ts";
import { mintKey, SCOPES } from "../../../shared/api-keys.ts";

const [stateFolder = ""] = process.argv.slice(2);
const server = await startServer({ stateFolder, cron: false, log: () => undefined });
closeOnSignals(server);
const { url, signingSecret } = server;
const mint = (mode: Mode) => mintKey({ keyId: `key_${mode}`, mode, scopes: SCOPES }, signingSecret);
const keys = { live: await mint("live"), test: await mint("test") };
await seed({ url, adminKey: keys.live });
console.log(JSON.stringify({ url, keys, signingSecret }));
