/** Two accounts with everything that pages show, and with ids and names that tell whose something is. */
import { randomUUID } from "node:crypto";
import type { Drawdown, Event } from "../../../shared/client/client.ts";
import type { Role } from "../../../shared/credits/permissions.ts";

/** One user for each role, and a second member. */
export const PEOPLE = {
  super_admin: "super_admin",
  billing_admin: "billing_admin",
  feature_owner: "feature_owner",
  member: "member",
  billing_contact: "billing_contact",
  colleague: "member",
} as const satisfies Readonly<Record<string, Role>>;
export type PersonName = keyof typeof PEOPLE;

/** The feature that the feature owner owns, and one that nobody owns, of the demo's rate sheet. */
export const OWNED = { feature: "assistant", action: "output_tokens", quantity: 3000 };
export const UNOWNED = { feature: "customer_agent", action: "conversation_handled", quantity: 1 };

export interface FurnishedAccount {
  readonly account: string;
  readonly user: Readonly<Record<PersonName, string>>;
  /** Id of the event that each of them used. */
  readonly event: Readonly<Record<PersonName, string>>;
  readonly budget: string;
  readonly pack: string;
  readonly invoice: string;
}

function byName(make: (name: PersonName) => string): Readonly<Record<PersonName, string>> {
  const names = Object.keys(PEOPLE) as PersonName[];
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<PersonName, string>;
}

/** Opens it with people, usage of each of them, a budget, a pack and its invoice. */
export async function furnish(
  drawdown: Drawdown,
  account = `a-${randomUUID().slice(0, 8)}`,
): Promise<FurnishedAccount> {
  const user = byName((name) => `${account}.${name}`);
  const event = byName((name) => `${account}.event.${name}`);
  await drawdown.createAccount({ account, plans: ["professional"] });
  await Promise.all(
    Object.entries(PEOPLE).map(([name, role]) => {
      const id = user[name as PersonName];
      return drawdown.putUser(account, id, {
        name: `Name of ${id}`,
        email: `${id}@mail.example`,
        roles: [role],
      });
    }),
  );
  await drawdown.putFeature(account, OWNED.feature, { owner: user.feature_owner });
  const used = (name: PersonName, what: typeof OWNED): Event => ({
    account,
    id: event[name],
    user: user[name],
    workflow: `flow.${name}`,
    ...what,
  });
  const { bought } = await drawdown.buyPack(account, { pack: "pack-1000" });
  await drawdown.putBudget(account, "limit", { subject: "user", key: user.colleague, credits: 1000 });
  await drawdown.events([
    used("super_admin", UNOWNED),
    used("billing_admin", UNOWNED),
    used("feature_owner", OWNED),
    used("member", UNOWNED),
    used("colleague", UNOWNED),
    used("billing_contact", UNOWNED),
  ]);
  const { invoices } = await drawdown.billing(account);
  const [invoice] = invoices;
  if (invoice === undefined) throw new Error("a pack is invoiced when it is bought");
  return { account, user, event, budget: "limit", pack: bought.id, invoice: invoice.invoice };
}

/** All that forms can change of an account, as one text. */
export async function stateOf(drawdown: Drawdown, account: string): Promise<string> {
  const [terms, users, features, budgets, packs, settings, grants, billing] = await Promise.all([
    drawdown.account(account),
    drawdown.users(account),
    drawdown.features(account),
    drawdown.budgets(account),
    drawdown.packs(account),
    drawdown.settings(account),
    drawdown.grants(account),
    drawdown.billing(account),
  ]);
  const statuses = billing.invoices.map(({ invoice, status }) => ({ invoice, status }));
  return JSON.stringify({ terms, users, features, budgets, packs, settings, grants, statuses }, null, 1);
}
