/** A server of the test file's own, with an operator; tests speak to it over HTTP only. */
import { afterAll, beforeAll } from "vitest";
import { type LocalServer, startServer } from "../../../scripts/local/server.ts";
import type { Mode } from "../../../shared/api/common.ts";
import { mintKey, SCOPES } from "../../../shared/api-keys.ts";
import { Drawdown } from "../../../shared/client/client.ts";
import { temporaryFolder } from "./folders.ts";
import { makeOperator } from "./operator.ts";

export interface TestServer {
  readonly url: string;
  /** A key with all scopes. */
  readonly keys: Readonly<Record<Mode, string>>;
  readonly live: Drawdown;
  readonly test: Drawdown;
}

/** Starts it before the file's tests and ends it after them. */
export function useServer(): TestServer {
  const stateFolder = temporaryFolder();
  let local: LocalServer | undefined;
  let made: TestServer | undefined;
  beforeAll(async () => {
    local = await startServer({ stateFolder, cron: false, log: () => undefined });
    made = await connect(local.url, local.signingSecret);
    await makeOperator(made.live);
  });
  afterAll(() => local?.close());
  const server = () => {
    if (made === undefined) throw new Error("the server is there while tests run");
    return made;
  };
  return {
    get url() {
      return server().url;
    },
    get keys() {
      return server().keys;
    },
    get live() {
      return server().live;
    },
    get test() {
      return server().test;
    },
  };
}

export async function connect(url: string, signingSecret: string): Promise<TestServer> {
  const mint = (mode: Mode) => mintKey({ keyId: `key_${mode}`, mode, scopes: SCOPES }, signingSecret);
  const keys = { live: await mint("live"), test: await mint("test") };
  const client = (apiKey: string) => new Drawdown({ baseUrl: url, apiKey });
  return { url, keys, live: client(keys.live), test: client(keys.test) };
}
