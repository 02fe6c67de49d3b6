/** What an Idempotency-Key promises (section 4), and that a closed account changes no more, but for what it is owed. */
import type { Account } from "./account.ts";
import { type Refused, refused } from "./answers.ts";

export interface Request {
  readonly key: string | null;
  /** Command and validated body, in any form that can be compared. */
  readonly content: string;
}

/** Runs a command, unless it was run under its key before; refusals are not kept. */
export function once<Answer extends { readonly replayed: boolean }>(
  account: Account,
  { key, content }: Request,
  run: () => Answer | Refused,
  { alsoWhenClosed = false } = {},
): Answer | Refused {
  const before = key === null ? undefined : account.commands.get(key);
  if (before !== undefined) {
    if (before.content !== content) return refused("idempotency_conflict");
    return { ...(before.answer as Answer), replayed: true };
  }
  if (account.closedAtMs !== null && !alsoWhenClosed) return refused("account_closed");
  const answer = run();
  if (key !== null && "replayed" in answer) account.commands.set(key, { content, answer });
  return answer;
}
