/** Who is meant by an id or an actor, as far as the viewer may know (rules, 9). */
import type { User } from "../../../../shared/client/client.ts";
import type { AccountPage } from "../../page.tsx";

/** More people than this are shown by their ids. */
const PEOPLE_MAX = 500;

export type People = ReadonlyMap<string, User>;

/** Empty for viewers who may not see other people's names and addresses. */
export async function readPeople({ client, account, viewer, may }: AccountPage): Promise<People> {
  if (viewer.kind === "user" && !may("manage_users")) return new Map();
  const { data } = await client.users(account, { limit: PEOPLE_MAX });
  return new Map(data.map((person) => [person.user, person]));
}

const USER_ACTOR = "user:";
const KEY_ACTOR = "key:";

export interface ActorWords {
  readonly name: string;
  /** A line below: what kind of actor it is, or which one. */
  readonly note: string | null;
  /** The user of the account that it is; null: none. */
  readonly user: string | null;
}

/** Who did something, as the audit log has it. */
export function actorInWords(actor: string, people: People): ActorWords {
  if (actor === "system") return { name: "By itself", note: "as the rules have it", user: null };
  if (actor.startsWith(USER_ACTOR)) {
    const user = actor.slice(USER_ACTOR.length);
    const name = people.get(user)?.name || user;
    return { name, note: name === user ? null : user, user };
  }
  if (actor.startsWith(KEY_ACTOR))
    return { name: "The operator", note: actor.slice(KEY_ACTOR.length), user: null };
  return { name: actor, note: "named by the operator", user: null };
}
