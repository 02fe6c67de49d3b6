/** `npm run key`: prints a first key for a deployment, from which all others are minted over the API. */
import { randomUUID } from "node:crypto";
import { mintKey, SCOPES } from "../shared/api-keys.ts";

const SECRET_BYTES_MIN = 32;
const EXIT_USAGE = 2;

const secret = process.env.KEY_SIGNING_SECRET ?? "";
if (Buffer.byteLength(secret) < SECRET_BYTES_MIN) {
  console.error(
    `Set KEY_SIGNING_SECRET to the deployment's secret (${SECRET_BYTES_MIN} bytes or more), then run: npm run key`,
  );
  process.exit(EXIT_USAGE);
}
const keyId = `key_${randomUUID().replaceAll("-", "")}`;
console.log(await mintKey({ keyId, mode: "live", scopes: SCOPES }, secret));
console.error(`A live key with all scopes, shown this once; revoke it with DELETE /v1/api-keys/${keyId}`);
