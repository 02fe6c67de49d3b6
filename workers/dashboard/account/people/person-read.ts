/** What the pages of one person read: who it is, and whether the account would miss them. */
import { DrawdownError, type User } from "../../../../shared/client/client.ts";
import { type AccountPage, PageNotFound } from "../../page.tsx";

export interface Person {
  readonly person: User;
  /** Without them nobody of the account manages people. */
  readonly isLastSuperAdmin: boolean;
  readonly isCreditOwner: boolean;
}

/** The user of the page's path. */
export function userAsked({ context }: AccountPage): string {
  return context.req.param("user") ?? "";
}

/** Erased people cannot sign in any more, whatever role they had. Throws PageNotFound for an unknown id. */
export async function readPerson(page: AccountPage): Promise<Person> {
  const { client, account } = page;
  const user = userAsked(page);
  const [person, admins] = await Promise.all([
    known(client.user(account, user)),
    client.users(account, { role: "super_admin", limit: 500 }),
  ]);
  const active = admins.data.filter(({ erased }) => !erased);
  return {
    person,
    isLastSuperAdmin: active.length === 1 && active[0]?.user === user && admins.nextCursor === null,
    isCreditOwner: admins.creditOwner === user,
  };
}

/** An id that no user can have is no page either. */
async function known(asked: Promise<User>): Promise<User> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof DrawdownError && [404, 422].includes(error.problem.status)) throw new PageNotFound();
    throw error;
  }
}
