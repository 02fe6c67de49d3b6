/** What features, actions and users are called; their ids where that is not known or not the viewer's to see. */
import type { AccountPage } from "../../page.tsx";
import { readPeople } from "../people/people-names.ts";

export interface Names {
  /** Features of the price list: id and name. */
  readonly features: readonly { readonly feature: string; readonly name: string }[];
  /** Users whose names the viewer may see: id and name. */
  readonly users: readonly { readonly user: string; readonly name: string }[];
  readonly featureName: (feature: string) => string;
  readonly actionName: (feature: string, action: string) => string;
  readonly userName: (user: string) => string;
}

/** Names are of the price list in force and, where the viewer may see them, of the account's users. */
export async function readNames(page: AccountPage): Promise<Names> {
  const { client, account, viewer } = page;
  const [{ features }, people] = await Promise.all([client.rates(account), readPeople(page)]);
  const byFeature = new Map(features.map((feature) => [feature.feature, feature]));
  const self = viewer.kind === "user" ? [{ user: viewer.user, name: viewer.name }] : [];
  const users =
    people.size === 0 ? self : [...people.values()].map(({ user, name }) => ({ user, name: name || user }));
  const nameOf = new Map(users.map(({ user, name }) => [user, name]));
  return {
    features,
    users,
    featureName: (feature) => byFeature.get(feature)?.name ?? feature,
    actionName: (feature, action) =>
      byFeature.get(feature)?.actions.find((known) => known.action === action)?.name ?? action,
    userName: (user) => nameOf.get(user) || user,
  };
}
