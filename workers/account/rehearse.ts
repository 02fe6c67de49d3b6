/** Commands that were answered before, and what commands would answer if they were given: reads, writes nothing. */
import { type Circumstances, execute } from "../../shared/credits/execute.ts";
import type { CommandReport, Done, IdempotencyConflict, KeyedCommand } from "../../shared/protocol.ts";
import type { RememberedCommand } from "./checkpoint.ts";
import type { Ledger } from "./ledger.ts";

/** The first answer for the same content; a key that stands for other content is refused (rules, section 4). */
export function answerAgain(
  known: RememberedCommand,
  content: string,
  idempotencyKey: string,
): Pick<Done, "kind" | "value" | "replayed"> | IdempotencyConflict {
  return known.content === content
    ? { kind: "done", value: JSON.parse(known.answer), replayed: true }
    : { kind: "idempotency_conflict", id: idempotencyKey };
}

/** Each command on the account as the ones before it would leave it. */
export function rehearse(
  ledger: Pick<Ledger, "state" | "findCommand">,
  commands: readonly KeyedCommand[],
  circumstances: Circumstances,
): readonly CommandReport[] {
  let { state } = ledger;
  const answered = new Map<string, RememberedCommand>();
  return commands.map(({ command, idempotencyKey }) => {
    const content = JSON.stringify(command);
    if (idempotencyKey !== null) {
      const known = answered.get(idempotencyKey) ?? ledger.findCommand(idempotencyKey);
      if (known !== null) return answerAgain(known, content, idempotencyKey);
    }
    const result = execute(state, command, circumstances);
    if (result.kind !== "changed") return result;
    state = result.state;
    if (idempotencyKey !== null) {
      answered.set(idempotencyKey, { content, answer: JSON.stringify(result.value) });
    }
    return { kind: "done", value: result.value, replayed: false };
  });
}
