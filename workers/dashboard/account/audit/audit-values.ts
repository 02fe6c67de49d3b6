/** What a change was, field by field, as people read it: "Limit: 3,000 → 4,000" (rules, 9.4). */

import { formatMicros } from "../../../../shared/credits/amounts.ts";
import type { Format } from "../../format.ts";
import { wordsOf } from "../../parts/words.ts";
import { NOTICE_WORDS, ROLE_WORDS } from "../people/people-words.ts";
import { SETTING_WORDS } from "../settings/setting-names.ts";

export interface ChangedField {
  readonly field: string;
  /** null: there was nothing before. */
  readonly from: string | null;
  /** null: there is nothing any more. */
  readonly to: string | null;
}

type Json = Readonly<Record<string, unknown>>;

/** Only what differs; of something new or removed all that it was. */
export function changedFields(before: unknown, after: unknown, format: Format): readonly ChangedField[] {
  const was = leavesOf(before, format);
  const is = leavesOf(after, format);
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((field) => {
    const from = was.get(field) ?? null;
    const to = is.get(field) ?? null;
    return from === to ? [] : [{ field, from, to }];
  });
}

/** The text of each field, by its name in words; a field within another one is named after both. */
function leavesOf(value: unknown, format: Format): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  const visit = (record: Json, prefix: string) => {
    for (const [name, inner] of Object.entries(record)) {
      const field = prefix === "" ? fieldInWords(name) : `${prefix}, ${fieldInWords(name).toLowerCase()}`;
      if (isRecord(inner) && !isMoney(inner)) visit(inner, field);
      else leaves.set(field, textOf(name, inner, format));
    }
  };
  if (isRecord(value)) visit(value, "");
  else if (value !== null && value !== undefined) leaves.set("Value", textOf("", value, format));
  return leaves;
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isMoney(value: Json): value is Json & { readonly amountMinor: number; readonly currency: string } {
  return typeof value.amountMinor === "number" && typeof value.currency === "string";
}

const UNITS = /(Micros|Ms)$/;

/** "includedCreditsMicros" is "Included credits": units are seen in the values. */
function fieldInWords(name: string): string {
  const plain = name
    .replace(UNITS, "")
    .replaceAll(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return wordsOf(plain);
}

/** Codes that stand for something with a name. */
const CODES: Readonly<Record<string, string>> = {
  ...SETTING_WORDS,
  ...Object.fromEntries(Object.entries(ROLE_WORDS).map(([code, { label }]) => [code, label])),
  ...Object.fromEntries(Object.entries(NOTICE_WORDS).map(([code, { label }]) => [code, label])),
};

/** Fields whose values are such codes, and not names of somebody's own. */
const CODED: ReadonlySet<string> = new Set([
  "setting",
  "pending",
  "roles",
  "optIn",
  "source",
  "status",
  "subject",
  "kind",
]);

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

function textOf(name: string, value: unknown, format: Format): string {
  if (value === null || value === undefined) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return numberOf(name, value, format);
  if (typeof value === "string") {
    if (value === "") return "empty";
    if (INSTANT.test(value)) return format.dateTime(value);
    return CODED.has(name) ? (CODES[value] ?? wordsOf(value)) : value;
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? "none" : value.map((item: unknown) => textOf(name, item, format)).join(", ");
  }
  return isRecord(value) ? recordOf(value, format) : String(value);
}

function numberOf(name: string, value: number, format: Format): string {
  if (name.endsWith("Micros")) return format.creditsExact(formatMicros(value));
  if (name.endsWith("Ms")) return format.dateTime(value);
  return format.count(value);
}

/** An item of a list, such as one rate. */
function recordOf(value: Json, format: Format): string {
  if (isMoney(value)) return format.money(value);
  const parts = Object.entries(value).map(
    ([name, inner]) => `${fieldInWords(name).toLowerCase()} ${textOf(name, inner, format)}`,
  );
  return `(${parts.join(", ")})`;
}
