/** The state in memory is the checkpoint, the entries and open holds since. */
import { countInBudgets, type Directory } from "../../shared/credits/directory.ts";
import type { OpenHold } from "../../shared/credits/hold.ts";
import { subjectsOf } from "../../shared/credits/holds.ts";
import type { AccountState, Usage } from "../../shared/credits/state.ts";
import { bookUsage } from "../../shared/credits/usage.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { entriesAfter } from "./journal.ts";

/** What the rows of the journal alone restore. */
const JOURNALLED: readonly (keyof AccountState)[] = ["usage", "holds"];

/** True where a change is in the journal's rows already: then no checkpoint is needed. */
export function onlyJournalDiffers(before: AccountState, after: AccountState): boolean {
  const fields = Object.keys(after) as (keyof AccountState)[];
  return fields.every((field) => JOURNALLED.includes(field) || before[field] === after[field]);
}

/** The state as of the last entry. Throws where the journal has a gap: then nothing may be decided. */
export function foldState(
  sql: SqlStorage,
  checkpoint: Checkpoint,
  directory: Directory,
  holds: ReadonlyMap<string, OpenHold>,
): AccountState {
  const { state, partitions } = checkpoint;
  let { usage } = state;
  for (const entry of entriesAfter(sql, partitions, usage.seq)) {
    if (entry.seq !== usage.seq + 1) throw new Error(`the journal lacks entry ${usage.seq + 1}`);
    usage = bookUsage(usage, entry, directory.budgets);
  }
  return { ...state, usage: withHolds(usage, directory, holds), directory, holds };
}

/** What is held is what open holds reserve, whatever the checkpoint said. */
function withHolds(usage: Usage, directory: Directory, holds: ReadonlyMap<string, OpenHold>): Usage {
  const used = Object.entries(usage.budgets).map(([budget, { usedMicros }]) => [
    budget,
    { usedMicros, heldMicros: 0 },
  ]);
  let result: Usage = { ...usage, heldMicros: 0, budgets: Object.fromEntries(used) };
  for (const hold of holds.values()) {
    const { heldMicros } = hold;
    const budgets = countInBudgets(result.budgets, directory.budgets, subjectsOf(hold), { heldMicros });
    result = { ...result, heldMicros: result.heldMicros + heldMicros, budgets };
  }
  return result;
}
