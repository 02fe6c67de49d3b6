/**
 * The Worker as `wrangler deploy` would send it to Cloudflare, so that what runs locally is what runs in production:
 * the same bundle, the same module types.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { V4ModuleDefinition } from "miniflare";
import { StartRefusal } from "./refusal.ts";

const WRANGLER = fileURLToPath(import.meta.resolve("wrangler"));
const WRANGLER_COMMAND = join(dirname(WRANGLER), "..", "bin", "wrangler.js");
const WRANGLER_OUTPUT_BYTES_MAX = 16 << 20;

/** Module types by the media type under which Cloudflare takes them; null is for what is no module. */
const MODULE_TYPES: Readonly<Record<string, V4ModuleDefinition["type"] | null>> = {
  "application/javascript+module": "ESModule",
  "application/javascript": "CommonJS",
  "application/wasm": "CompiledWasm",
  "application/octet-stream": "Data",
  "application/source-map": null,
  "text/plain": "Text",
};

/**
 * Bundles the Worker of a wrangler.toml. The first module is the entry point.
 *
 * @throws {StartRefusal} with the bundler's words when the Worker does not build.
 */
export async function buildWorker(configPath: string, buildFolder: string): Promise<V4ModuleDefinition[]> {
  rmSync(buildFolder, { recursive: true, force: true });
  mkdirSync(buildFolder, { recursive: true });
  // The build of a start that was killed may still be writing its own.
  const uploadFile = join(buildFolder, `upload-${process.pid}.form`);
  await runWrangler(["deploy", "--dry-run", "--config", configPath, "--outfile", uploadFile]);
  return readUpload(readFileSync(uploadFile));
}

function runWrangler(wranglerArguments: readonly string[]): Promise<void> {
  const env = {
    ...process.env,
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    // The banner looks for updates on the network.
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_WRITE_LOGS: "false",
  };
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [WRANGLER_COMMAND, ...wranglerArguments],
      { env, maxBuffer: WRANGLER_OUTPUT_BYTES_MAX },
      (error, output, errorOutput) => {
        if (error === null) resolve();
        else reject(new StartRefusal(`The Worker does not build.\n${output}${errorOutput}`.trimEnd()));
      },
    );
  });
}

async function readUpload(upload: Buffer<ArrayBuffer>): Promise<V4ModuleDefinition[]> {
  const boundary = upload.subarray("--".length, upload.indexOf("\r\n")).toString("latin1");
  const form = await new Response(upload, {
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
  }).formData();
  const { main_module: entryPoint } = JSON.parse(String(form.get("metadata"))) as { main_module: string };
  const modules: V4ModuleDefinition[] = [];
  for (const [name, part] of form) {
    if (typeof part === "string") continue;
    const type = MODULE_TYPES[part.type];
    if (type === undefined)
      throw new Error(`The module ${name} has a type that is not known here: ${part.type}`);
    if (type === null) continue;
    const module = {
      type,
      path: name.replace(/^\.\//, ""),
      contents: new Uint8Array(await part.arrayBuffer()),
    };
    if (name === entryPoint) modules.unshift(module);
    else modules.push(module);
  }
  return modules;
}
