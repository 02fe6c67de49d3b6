/** A change as the audit log has it: before and after, only what differs. */
import type { AuditRecord } from "../../../../shared/client/client.ts";
import type { Format } from "../../format.ts";
import type { Html } from "../../page.tsx";
import { type ChangedField, changedFields } from "./audit-values.ts";

/** The rest opens below. */
const SEEN_MAX = 4;

interface ChangeProps {
  readonly record: Pick<AuditRecord, "target" | "before" | "after">;
  readonly format: Format;
}

/** What was, and what is. */
export function Change({ record: { target, before, after }, format }: ChangeProps): Html {
  // Something new names itself once more.
  const fields = changedFields(before, after, format).filter(
    ({ from, to }) => from !== null || to !== target,
  );
  if (fields.length === 0) return <>–</>;
  const more = fields.slice(SEEN_MAX);
  return (
    <>
      <Fields fields={fields.slice(0, SEEN_MAX)} />
      {more.length === 0 ? null : (
        <details>
          <summary>{`${more.length} more`}</summary>
          <Fields fields={more} />
        </details>
      )}
    </>
  );
}

function Fields({ fields }: { readonly fields: readonly ChangedField[] }): Html {
  return (
    <ul class="changes">
      {fields.map(({ field, from, to }) => (
        <li>
          <span class="muted">{`${field}: `}</span>
          {from === null ? null : to === null ? <del>{from}</del> : from}
          {from === null || to === null ? null : (
            <>
              {" "}
              <span aria-hidden="true">→</span>
              <span class="visually-hidden">, now</span>{" "}
            </>
          )}
          {to}
        </li>
      ))}
    </ul>
  );
}
