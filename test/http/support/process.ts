/** A server in a process of its own, which a test may kill and start again on the same state and port. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { loadSigningSecret } from "../../../scripts/local/signing-secret.ts";
import { openStateFolder } from "../../../scripts/local/state-folder.ts";
import { connect, type TestServer } from "./server.ts";

const SERVE = fileURLToPath(new URL("./serve.ts", import.meta.url));

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #stateFolder: string;
  #output = "";

  /** Port 0 is a free one. */
  constructor(stateFolder: string, port: number) {
    this.#stateFolder = stateFolder;
    this.#child = spawn(process.execPath, [SERVE, stateFolder, String(port)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
  }

  /** Resolves when it answers; throws with what it said where it ended instead. */
  async ready(): Promise<TestServer> {
    for (;;) {
      const url = /^ready (.*)$/m.exec(this.#output)?.[1];
      if (url !== undefined) return connect(url, loadSigningSecret(openStateFolder(this.#stateFolder)));
      if (this.#child.exitCode !== null) throw new Error(`the server did not start: ${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Without a chance to finish anything. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }
}
