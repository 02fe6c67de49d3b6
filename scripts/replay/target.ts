/** Which server the replay speaks to, and with which key: the one named, or the one that `npm start` runs here. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { mintKey, SCOPES } from "../../shared/api-keys.ts";
import type { ServerRecord } from "../local/lock.ts";
import { loadSigningSecret } from "../local/signing-secret.ts";
import { openStateFolder } from "../local/state-folder.ts";
import { type ReplayOptions, ReplayRefusal } from "./options.ts";

const LOCAL_STATE_FOLDER = fileURLToPath(new URL("../../.drawdown/local", import.meta.url));
const LOCAL_URL = "http://127.0.0.1:8787";
const LOCAL_KEY_ID = "key_local";

export interface Target {
  readonly url: string;
  readonly key: string;
}

/** The local server's key is given to nobody else. */
export async function findTarget(options: Pick<ReplayOptions, "url" | "key">): Promise<Target> {
  const localUrl = findLocalUrl();
  const url = options.url ?? localUrl ?? LOCAL_URL;
  if (!URL.canParse(url)) throw new ReplayRefusal(`--url ${url}: not a URL`);
  const { origin } = new URL(url);
  const key = options.key ?? process.env.DRAWDOWN_KEY;
  if (key !== undefined) return { url: origin, key };
  if (localUrl === undefined || new URL(localUrl).origin !== origin) {
    throw new ReplayRefusal(
      `No key for ${origin}: give --key or set DRAWDOWN_KEY, or start the local server with npm start.`,
    );
  }
  const secret = loadSigningSecret(openStateFolder(LOCAL_STATE_FOLDER));
  return { url: origin, key: await mintKey({ keyId: LOCAL_KEY_ID, mode: "live", scopes: SCOPES }, secret) };
}

function findLocalUrl(): string | undefined {
  if (!existsSync(LOCAL_STATE_FOLDER)) return undefined;
  const { serverFile } = openStateFolder(LOCAL_STATE_FOLDER);
  if (!existsSync(serverFile)) return undefined;
  return (JSON.parse(readFileSync(serverFile, "utf8")) as ServerRecord).url;
}
