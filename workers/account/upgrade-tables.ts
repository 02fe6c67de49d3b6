/**
 * Brings an account that was opened by version 0.1 to the present tables and state: the outbox had other topics, and
 * terms, packs and state lacked what has come since. Runs once per account, in one transaction.
 */
import { EMPTY_DIRECTORY } from "../../shared/credits/directory.ts";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import { type AccountState, NOTHING_TOLD, TERM_PERIODS_DEFAULT } from "../../shared/credits/state.ts";
import { startTerm } from "../../shared/credits/term.ts";
import {
  addToOutbox,
  type Checkpoint,
  createLaterTables,
  type OutboxTopic,
  readCheckpoint,
  writeCheckpoint,
  writeClosedPeriod,
  writeDirectory,
} from "./checkpoint.ts";

interface OldRow extends Record<string, SqlStorageValue> {
  readonly topic: string;
  readonly number: number;
  readonly body: string;
}

/** True where the account was opened by an earlier version. */
export function isOld(sql: SqlStorage): boolean {
  const found = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'directory'");
  return found.toArray().length === 0;
}

/** Within a transaction. */
export function upgradeTables(sql: SqlStorage): void {
  const outbox = sql.exec<OldRow>("SELECT topic, number, body FROM outbox ORDER BY topic, number").toArray();
  sql.exec("DROP TABLE outbox");
  createLaterTables(sql);
  writeDirectory(sql, EMPTY_DIRECTORY);
  const old = readCheckpoint(sql);
  let facts = 0;
  for (const { topic, number, body } of outbox) {
    if (topic === "notice") addToOutbox(sql, { topic: topic satisfies OutboxTopic, number, body });
    else {
      facts += 1;
      const closed: ClosedPeriod = JSON.parse(body);
      const { currency, timeZone, endMs } = closed;
      const fact = { kind: "period_closed", closed, number: facts, atMs: endMs, currency, timeZone };
      addToOutbox(sql, { topic: "fact", number: facts, body: JSON.stringify(fact) });
      writeClosedPeriod(sql, { closed, reversed: { creditsMicros: 0, overdraftMicros: 0 } });
    }
  }
  writeCheckpoint(sql, { ...old, state: upgradeState(old.state, facts) });
}

/** A term begins with the period in which an account without one is met. */
function upgradeState(old: Checkpoint["state"], facts: number): Checkpoint["state"] {
  const terms: AccountState["terms"] = { ...old.terms, termPeriods: TERM_PERIODS_DEFAULT };
  const packs = old.packs.map((pack) => {
    const { pack: id, name, creditsMicros, price, quantity, source } = pack;
    const renewal = { pack: id, name, creditsMicros, price, quantity: source === "purchase" ? quantity : 0 };
    return { ...pack, renewal };
  });
  return {
    ...old,
    terms,
    packs,
    term: packs.length === 0 ? null : startTerm({ ...old, terms }, terms.termPeriods),
    termEndTold: false,
    grants: [],
    conversions: [],
    suspendedAtMs: null,
    closedAtMs: null,
    upgradeDayEndMs: null,
    usage: { ...old.usage, budgets: {} },
    told: { ...NOTHING_TOLD, ...old.told },
    issued: { ...old.issued, grants: 0, rates: 0, facts, audit: 0 },
  };
}
