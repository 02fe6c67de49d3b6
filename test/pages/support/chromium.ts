/**
 * The browser that page tests and screenshots drive: the Chromium that npm installed, with the libraries and fonts that
 * come with it, else the machine's own Chrome or Chromium.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What starts a browser; plain data, so that a setup can hand it to test files. */
export interface BrowserProgram {
  readonly executablePath: string;
  /** On top of the process's own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly version: string;
}

const CACHE = fileURLToPath(new URL("../../../.drawdown/browser", import.meta.url));
const PACKAGE = fileURLToPath(new URL("../../../node_modules/@sparticuz/chromium", import.meta.url));
const VERSION_TIMEOUT_MS = 30_000;

const SYSTEM_BROWSERS: Readonly<Record<string, readonly string[]>> = {
  linux: [
    "/usr/bin/google-chrome-stable",
    "/usr/bin/google-chrome",
    "/opt/google/chrome/chrome",
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/snap/bin/chromium",
  ],
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  ],
  win32: [
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
  ],
};

/** Sans-serif looks the same on every machine, so that what fits on one fits on all; the rest is the machine's. */
const fontConfiguration = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, "fonts")}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(folder, "fonts-cache")}</cachedir>
${["sans-serif", "system-ui", "ui-sans-serif"]
  .map(
    (name) =>
      `  <alias binding="strong"><family>${name}</family><prefer><family>Open Sans</family></prefer></alias>`,
  )
  .join("\n")}
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
`;

/** Tries one after the other. @throws with what each of them said when none starts. */
export async function findBrowser(): Promise<BrowserProgram> {
  const failures: string[] = [];
  for (const candidate of [installedBrowser, ...systemBrowsers()]) {
    try {
      return await candidate();
    } catch (error) {
      failures.push(`- ${error instanceof Error ? error.message.trim() : String(error)}`);
    }
  }
  const tried = failures.length === 0 ? "" : `\nTried:\n${failures.join("\n")}`;
  throw new Error(
    `No browser for the page tests. On Linux x64 "npm install" brings one; elsewhere install Chrome or Chromium.${tried}`,
  );
}

async function installedBrowser(): Promise<BrowserProgram> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`@sparticuz/chromium has none for ${process.platform} ${process.arch}`);
  }
  const folder = await unpackOnce();
  const executablePath = join(folder, "chromium");
  const fonts = { FONTCONFIG_FILE: join(folder, "fonts.conf") };
  const libraries = [join(folder, "al2023", "lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  try {
    return await started(executablePath, fonts);
  } catch {
    // Most likely the machine lacks libnss3 and its kin. Those of the package are for machines that lack them only.
    return await started(executablePath, { ...fonts, LD_LIBRARY_PATH: libraries });
  }
}

function systemBrowsers(): readonly (() => Promise<BrowserProgram>)[] {
  const paths = SYSTEM_BROWSERS[process.platform] ?? [];
  return paths.filter((path) => existsSync(path)).map((path) => () => started(path, {}));
}

/** A program that says its version finds all of its libraries. Chrome on Windows opens a window instead. */
async function started(
  executablePath: string,
  environment: Readonly<Record<string, string>>,
): Promise<BrowserProgram> {
  if (process.platform === "win32") return { executablePath, environment, version: "unknown" };
  const env = { ...process.env, ...environment };
  const options = { env, timeout: VERSION_TIMEOUT_MS };
  const { stdout } = await promisify(execFile)(executablePath, ["--version"], options);
  return { executablePath, environment, version: stdout.trim() };
}

/**
 * Unpacks beside the final folder and renames at the end: who starts at the same time, or after a start that was
 * killed half-way, finds either a whole folder or none.
 */
async function unpackOnce(): Promise<string> {
  const manifest = JSON.parse(await readFile(join(PACKAGE, "package.json"), "utf8")) as { version: string };
  const folder = join(CACHE, `chromium-${manifest.version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const unpacked = mkdtempSync(join(CACHE, "unpacking-"));
  try {
    await unpackInto(unpacked);
    writeFileSync(join(unpacked, "fonts.conf"), fontConfiguration(folder));
    renameUnlessThere(unpacked, folder);
    removeOthers(dirname(folder), folder);
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
  return folder;
}

/** The package unpacks into the folder for temporary files, which is asked for at each call. */
async function unpackInto(folder: string): Promise<void> {
  const { inflate } = await import("@sparticuz/chromium");
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    const archives = ["chromium.br", "fonts.tar.br", "al2023.tar.br", "swiftshader.tar.br"];
    await Promise.all(archives.map((archive) => inflate(join(PACKAGE, "bin", archive))));
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

function renameUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    // Somebody else was quicker: theirs is as good.
    if (!existsSync(to)) throw error;
  }
}

/** Earlier versions; what others are unpacking right now stays. */
function removeOthers(cache: string, folder: string): void {
  for (const name of readdirSync(cache)) {
    const other = join(cache, name);
    if (name.startsWith("chromium-") && other !== folder) rmSync(other, { recursive: true, force: true });
  }
}
