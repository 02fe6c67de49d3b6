/**
 * The internal name of an account: its mode and id, "live:acme". It names the Durable Object and keys every row in
 * D1, so a key of one mode can never reach an account of the other (rules, section 12).
 */
import type { Mode } from "./api/common.ts";

export function accountKeyOf(mode: Mode, accountId: string): string {
  return `${mode}:${accountId}`;
}

export function accountIdOf(accountKey: string): string {
  return accountKey.slice(accountKey.indexOf(":") + 1);
}

export function modeOf(accountKey: string): Mode {
  return accountKey.startsWith("live:") ? "live" : "test";
}
