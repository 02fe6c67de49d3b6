/** The state in memory is the checkpoint and the entries since. */
import type { AccountState } from "../../shared/credits/state.ts";
import { bookUsage } from "../../shared/credits/usage.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { entriesAfter } from "./journal.ts";

/** True where a booking changed nothing but the usage, which its entry alone restores: no checkpoint is needed. */
export function onlyUsageDiffers(before: AccountState, after: AccountState): boolean {
  const fields = Object.keys(after) as (keyof AccountState)[];
  return fields.every((field) => field === "usage" || before[field] === after[field]);
}

/** The state as of the last entry. Throws where the journal has a gap: then nothing may be decided. */
export function foldEntries(sql: SqlStorage, checkpoint: Checkpoint): AccountState {
  const { state, partitions } = checkpoint;
  let { usage } = state;
  for (const entry of entriesAfter(sql, partitions, usage.seq)) {
    if (entry.seq !== usage.seq + 1) throw new Error(`the journal lacks entry ${usage.seq + 1}`);
    usage = bookUsage(usage, {
      creditsMicros: entry.creditsMicros,
      overdraftMicros: entry.overdraftMicros ?? 0,
    });
  }
  return usage === state.usage ? state : { ...state, usage };
}
