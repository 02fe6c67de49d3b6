/** KEY_SIGNING_SECRET of a local state: made once and kept, so that API keys stay valid over restarts. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { StartRefusal } from "./refusal.ts";
import type { StateFolder } from "./state-folder.ts";

const SECRET_BYTES = 32;
const SECRET_PATTERN = /^[A-Za-z0-9_-]{43,}$/;
const OWNER_ONLY_FILE = 0o600;

/** 32 random bytes in base64url. The caller holds the lock of the state. */
export function loadSigningSecret(state: StateFolder): string {
  if (!existsSync(state.secretFile)) createSecret(state.secretFile);
  const secret = readFileSync(state.secretFile, "utf8").trim();
  if (!SECRET_PATTERN.test(secret)) {
    throw new StartRefusal(
      `${state.secretFile} is damaged. With a new secret all API keys end: npm start -- --reset makes one.`,
    );
  }
  return secret;
}

/** Complete or not there at all, even if the process is killed meanwhile. */
function createSecret(secretFile: string): void {
  const unfinished = `${secretFile}.new`;
  writeFileSync(unfinished, `${randomBytes(SECRET_BYTES).toString("base64url")}\n`, {
    mode: OWNER_ONLY_FILE,
  });
  renameSync(unfinished, secretFile);
}
