/** Styles and script of the pages, under addresses that change with what is in them. */
import { Hono } from "hono";
import charts from "./charts.css";
import script from "./enhance.script.js";
import styles from "./styles.css";

const FOREVER = "public, max-age=31536000, immutable";

const STYLES = `${styles}\n${charts}`;

export const STYLES_PATH = `/assets/${fingerprint(STYLES)}.css`;
export const SCRIPT_PATH = `/assets/${fingerprint(script)}.js`;

export const assetRoutes = new Hono()
  .get(STYLES_PATH, () => asset(STYLES, "text/css"))
  .get(SCRIPT_PATH, () => asset(script, "text/javascript"));

function asset(body: string, type: string): Response {
  const headers = {
    "content-type": `${type}; charset=utf-8`,
    "cache-control": FOREVER,
    "x-content-type-options": "nosniff",
  };
  return new Response(body, { headers });
}

/** FNV-1a: tells versions of a file apart, and a Worker's start cannot wait for a digest. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}
