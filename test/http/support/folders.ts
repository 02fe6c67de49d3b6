/** Folders that go when the file's tests are over. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** To be called while the file is read, before what must end before its folder goes. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "drawdown-http-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
