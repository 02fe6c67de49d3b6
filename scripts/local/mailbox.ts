/**
 * Keeps the e-mails that the Worker sends through its `send_email` binding.
 *
 * Miniflare checks each one and stores it in files that go when the server ends, and names them in its log; from there
 * they are copied into the state's e-mail folder. Attachments are not: Drawdown sends none.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, extname, join, normalize, sep } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { StateFolder } from "./state-folder.ts";

export interface KeptEmail {
  readonly subject: string;
  /** Absolute path of the text, with sender, receivers and subject above it; the HTML lies beside it. */
  readonly file: string;
}

const NOTICE = "send_email binding called";
const PART_LINE = /^(?:Text|HTML|Email): (.*)$/;
const SUBJECT_LINE = /^Subject: *(.*?)\r?$/im;
const FILE_NAME_SUBJECT_LENGTH_MAX = 60;
const FILE_NAME_ID_LENGTH = 8;

/** Keeps the e-mail that a message of Miniflare's log tells of. Undefined for a message about something else. */
export function keepEmail(logMessage: string, state: StateFolder, now: Date): KeptEmail | undefined {
  const [notice = "", ...lines] = stripVTControlCharacters(logMessage).split("\n");
  if (!notice.includes(NOTICE)) return undefined;
  const sources = lines
    .map((line) => PART_LINE.exec(line)?.[1] ?? "")
    .filter((path) => isInFolder(path, state.temporaryFolder));
  const [firstSource] = sources;
  if (firstSource === undefined) return undefined;
  const headers = lines.slice(0, lines.indexOf("")).join("\n");
  const subject = SUBJECT_LINE.exec(headers || readFileSync(firstSource, "utf8"))?.[1] ?? "(no subject)";
  const name = fileName(now, subject, basename(firstSource));
  mkdirSync(state.emailFolder, { recursive: true });
  for (const source of sources) {
    const content = readFileSync(source, "utf8");
    const kept = extname(source) === ".txt" ? `${headers}\n\n${content}` : content;
    writeFileSync(join(state.emailFolder, `${name}${extname(source)}`), kept);
  }
  return { subject, file: join(state.emailFolder, `${name}${extname(firstSource)}`) };
}

/** A subject could contain a line that looks like one of Miniflare's; no file from elsewhere is copied. */
function isInFolder(path: string, folder: string): boolean {
  return normalize(path).startsWith(`${folder}${sep}`);
}

/** Sorts by time, tells the subject, and differs for two e-mails of one moment. */
function fileName(now: Date, subject: string, id: string): string {
  const time = now.toISOString().replaceAll(":", "-");
  const words = subject
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, FILE_NAME_SUBJECT_LENGTH_MAX)
    .replace(/^-|-$/g, "");
  return `${time}-${words}-${id.slice(0, FILE_NAME_ID_LENGTH)}`;
}
