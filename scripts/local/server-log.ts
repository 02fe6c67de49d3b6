/**
 * What the runtime has to say, as lines for the terminal: the Worker's console, warnings and errors, and a line for
 * each e-mail, which is kept. Miniflare's other notices, one for each batch of a queue, would bury them.
 */
import { Log, LogLevel } from "miniflare";
import { keepEmail } from "./mailbox.ts";
import type { StateFolder } from "./state-folder.ts";

export type WriteLine = (line: string) => void;

export class ServerLog extends Log {
  readonly write: WriteLine;
  readonly #state: StateFolder;

  constructor(state: StateFolder, write: WriteLine) {
    super(LogLevel.INFO);
    this.#state = state;
    this.write = write;
  }

  override logWithLevel(level: LogLevel, message: string): void {
    const email = keepEmail(message, this.#state, new Date());
    if (email !== undefined) this.write(`E-mail "${email.subject}": ${email.file}`);
    else if (level <= LogLevel.WARN) this.write(message);
  }
}
