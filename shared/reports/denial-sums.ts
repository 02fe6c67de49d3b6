/** Denied uses of a usage report, added up (rules, 3.6 and 10.2). */

export interface DeniedUses {
  readonly feature: string;
  readonly action: string;
  readonly reason: string;
  /** How many. */
  readonly denials: number;
}

/** By feature, action and reason over all days, most first. */
export function sumDenials(denials: readonly DeniedUses[]): readonly DeniedUses[] {
  const sums = new Map<string, DeniedUses>();
  for (const { feature, action, reason, denials: count } of denials) {
    const key = JSON.stringify([feature, action, reason]);
    sums.set(key, { feature, action, reason, denials: (sums.get(key)?.denials ?? 0) + count });
  }
  return [...sums.values()].toSorted((a, b) => b.denials - a.denials);
}
