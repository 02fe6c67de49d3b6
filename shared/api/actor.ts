/** Who acts, in a header of every request that changes something (rules, section 9.4). */
import { SYSTEM_ACTOR } from "../credits/audit.ts";
import { referenceSchema } from "./common.ts";

export const ACTOR_HEADER = "Drawdown-Actor";

/** What happens by itself is nobody's doing, and a key is named by the server. */
const RESERVED = new RegExp(`^(${SYSTEM_ACTOR}$|key:)`);

/** Somebody at the operator, or `user:<id>` for a user of the account. */
export const actorSchema = referenceSchema.refine(
  (actor) => !RESERVED.test(actor),
  `must not be "${SYSTEM_ACTOR}" nor begin with "key:"`,
);

/** What the header says: a header holds ASCII only, so all else is percent-encoded in it. null: it is not. */
export function decodeActor(header: string): string | null {
  try {
    return decodeURIComponent(header);
  } catch {
    return null;
  }
}

/** The header as the API's description shows it. */
export const actorParameter = {
  name: ACTOR_HEADER,
  in: "header",
  required: false,
  description:
    "who acts, for the audit log: somebody at the operator, or `user:<id>` for a user of the account, who then may do what the user's roles allow; default: the key. What is not ASCII, and %, is percent-encoded as UTF-8",
  schema: { type: "string" },
  example: "ada@example.com",
} as const;
