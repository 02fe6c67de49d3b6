/** `npm run key`: prints a first key for a deployment, from which all others are minted over the API. */
import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { mintKey, SCOPES } from "../shared/api-keys.ts";

const SECRET_BYTES_MIN = 32;
const USAGE = `Usage: KEY_SIGNING_SECRET=… npm run key
Prints a live key with all scopes. The secret is the deployment's, ${SECRET_BYTES_MIN} bytes or more; other keys are minted with that
key, over POST /v1/api-keys.`;
const EXIT_USAGE = 2;

if (asksForHelp()) {
  console.log(USAGE);
  process.exit();
}
const secret = process.env.KEY_SIGNING_SECRET ?? "";
if (Buffer.byteLength(secret) < SECRET_BYTES_MIN) {
  console.error(USAGE);
  process.exit(EXIT_USAGE);
}
const keyId = `key_${randomUUID().replaceAll("-", "")}`;
console.log(await mintKey({ keyId, mode: "live", scopes: SCOPES }, secret));
console.error(`A live key with all scopes, shown this once; revoke it with DELETE /v1/api-keys/${keyId}`);

function asksForHelp(): boolean {
  try {
    return parseArgs({ options: { help: { type: "boolean", default: false } } }).values.help;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(EXIT_USAGE);
  }
}
