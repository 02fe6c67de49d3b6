/** How far an account was analysed, in D1: read before a run, and written after what it found is on its way. */

export interface AnalysisState {
  /** Last local day that was analysed; null: none. */
  readonly analysedDay: string | null;
  /** Last period whose projected exhaustion was told. */
  readonly toldPeriod: string | null;
  readonly createdAtMs: number;
}

const STATE = `
  SELECT analysed_day AS analysedDay, told_period AS toldPeriod, created_at_ms AS createdAtMs
    FROM analyses JOIN accounts USING (account_key)
   WHERE account_key = ?1`;

/** null where D1 has no such account. */
export function readState(database: D1Database, accountKey: string): Promise<AnalysisState | null> {
  return database.prepare(STATE).bind(accountKey).first<AnalysisState>();
}

export interface Analysed {
  /** null: none of the days had passed. */
  readonly day: string | null;
  readonly toldPeriod: string | null;
  /** When to look next, in real time; null: never again. */
  readonly dueAtMs: number | null;
}

/** Two runs at once may end in any order: the later day stays. What is on a test clock stays due by it alone. */
const ANALYSED = `
  UPDATE analyses
     SET analysed_day = nullif(max(coalesce(analysed_day, ''), coalesce(?2, '')), ''),
         told_period = nullif(max(coalesce(told_period, ''), coalesce(?3, '')), ''),
         due_at_ms = CASE WHEN due_at_ms IS NOT NULL THEN ?4 END
   WHERE account_key = ?1`;

export async function keepAnalysed(
  database: D1Database,
  accountKey: string,
  { day, toldPeriod, dueAtMs }: Analysed,
): Promise<void> {
  await database.prepare(ANALYSED).bind(accountKey, day, toldPeriod, dueAtMs).run();
}
