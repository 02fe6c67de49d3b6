/** Whose usage a viewer may look at, and what of it the address asks for (rules, section 9). */
import { type AccountPage, PageNotFound } from "../../page.tsx";

/** Everybody's; or the viewer's own and everybody's of the features that the viewer owns. */
export type UsageScope =
  | { readonly kind: "all" }
  | {
      readonly kind: "narrow";
      /** The viewer's id; null where the viewer has no role for their own usage. */
      readonly own: string | null;
      readonly features: readonly string[];
    };

/** As the API takes it. */
export interface UsageOf {
  readonly feature?: string | undefined;
  readonly user?: string | undefined;
}

export function scopeOf({ viewer, may }: AccountPage): UsageScope {
  if (may("see_usage") || viewer.kind === "operator") return { kind: "all" };
  return {
    kind: "narrow",
    own: may("see_usage", { user: viewer.user }) ? viewer.user : null,
    features: viewer.ownFeatures.filter((feature) => may("see_usage", { feature })),
  };
}

/**
 * What the address asks for, within the scope: without a word the viewer's own usage, else that of the first feature
 * they own. null: the viewer has nothing to see yet. Throws PageNotFound for what is not the viewer's to see.
 */
export function usageOf(scope: UsageScope, query: Readonly<Record<string, string>>): UsageOf | null {
  const feature = query.feature?.trim() || undefined;
  const user = query.user?.trim() || undefined;
  if (scope.kind === "all") return { feature, user };
  const { own, features } = scope;
  if (feature !== undefined && features.includes(feature)) return { feature, user };
  if (own !== null) {
    if (user !== undefined && user !== own) throw new PageNotFound();
    return { feature, user: own };
  }
  if (feature !== undefined || user !== undefined) throw new PageNotFound();
  const [first] = features;
  return first === undefined ? null : { feature: first };
}
