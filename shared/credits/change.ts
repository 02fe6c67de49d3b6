/** What every command on an account answers: the account changed, or why not. */
import type { AuditAction, AuditContent, AuditValue } from "./audit.ts";
import type { BillingEvent } from "./billing-facts.ts";
import type { NoticeContent } from "./notices.ts";
import type { AccountState } from "./state.ts";

/** A command's effect before it is numbered; `value` is what its caller is told besides the balance. */
export interface Change<Value = null> {
  readonly kind: "changed";
  readonly state: AccountState;
  readonly value: Value;
  readonly notices?: readonly NoticeContent[];
  readonly facts?: readonly BillingEvent[];
  /** Nothing to log: the command changed nothing. */
  readonly audit?: readonly Omit<AuditContent, "actor">[];
}

export function audited(
  action: AuditAction,
  target: string,
  before: AuditValue,
  after: AuditValue,
): readonly Omit<AuditContent, "actor">[] {
  return [{ action, target, before, after }];
}
