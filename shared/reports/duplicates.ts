/**
 * Duplicates (rules, 10.7): the same feature, actions and subject again within 24 hours under another id. Entries are
 * folded into runs, each within 24 hours of the one before; all but the first of a run are duplicates. What is kept are
 * runs, and only those that may still grow.
 */

export interface DuplicateEntry {
  /** No two entries have the same. */
  readonly id: string;
  readonly feature: string;
  readonly actions: readonly string[];
  /** Without one nothing can be told: it is no duplicate. */
  readonly subject?: string | undefined;
  readonly occurredAtMs: number;
  readonly creditsMicros: number;
}

/** Uses of one thing in a row, each within 24 hours of the one before. */
export interface DuplicateGroup {
  readonly feature: string;
  /** In alphabetical order, each once. */
  readonly actions: readonly string[];
  readonly subject: string;
  /** The use that is no duplicate. */
  readonly firstId: string;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly duplicates: number;
  /** Of the duplicates. */
  readonly creditsMicros: bigint;
}

export interface DuplicateReport {
  readonly duplicates: number;
  readonly creditsMicros: bigint;
  /** Most credits first. */
  readonly features: readonly {
    readonly feature: string;
    readonly duplicates: number;
    readonly creditsMicros: bigint;
  }[];
  /** The groups with the most credits, at most `DUPLICATE_GROUPS_MAX`. */
  readonly groups: readonly DuplicateGroup[];
}

export const DUPLICATE_WINDOW_MS = 24 * 60 * 60 * 1000;
export const DUPLICATE_GROUPS_MAX = 100;

/** How entries come, by the time at which they occurred; "any" keeps every run until the end. */
export type EntryOrder = "oldest_first" | "newest_first" | "any";

export interface DuplicateFinder {
  add(entry: DuplicateEntry): void;
  /** Runs that are kept because they may still grow. */
  openRuns(): number;
  /** To be asked once, after the last entry. */
  report(): DuplicateReport;
}

interface Run {
  readonly feature: string;
  readonly actions: readonly string[];
  readonly subject: string;
  readonly first: Pick<DuplicateEntry, "id" | "occurredAtMs" | "creditsMicros">;
  readonly lastAtMs: number;
  readonly entries: number;
  readonly creditsMicros: bigint;
}

/** How far entries go on until runs are looked through for those that cannot grow any more. */
const SWEEP_MS = DUPLICATE_WINDOW_MS / 4;

/** @param outOfOrderMsMax how far an entry may come after one that it should have come before */
export function duplicateFinder(order: EntryOrder, outOfOrderMsMax = 0): DuplicateFinder {
  const runs = new Map<string, readonly Run[]>();
  const found = findings();
  let [edgeMs, sweptMs] = [Number.NaN, Number.NaN];

  const settle = (isDone: (run: Run) => boolean) => {
    for (const [key, list] of runs) {
      for (const run of list) if (isDone(run)) found.add(run);
      const left = list.filter((run) => !isDone(run));
      if (left.length === 0) runs.delete(key);
      else runs.set(key, left);
    }
  };
  const settleBehind = (atMs: number) => {
    if (order === "any") return;
    const forward = order === "oldest_first";
    edgeMs = Number.isNaN(edgeMs) ? atMs : forward ? Math.max(edgeMs, atMs) : Math.min(edgeMs, atMs);
    if (Number.isNaN(sweptMs)) sweptMs = edgeMs;
    if (Math.abs(edgeMs - sweptMs) < SWEEP_MS) return;
    sweptMs = edgeMs;
    const reach = DUPLICATE_WINDOW_MS + outOfOrderMsMax;
    settle(({ first, lastAtMs }) =>
      forward ? lastAtMs < edgeMs - reach : first.occurredAtMs > edgeMs + reach,
    );
  };
  return {
    add(entry) {
      settleBehind(entry.occurredAtMs);
      const run = runOf(entry);
      if (run === null) return;
      const key = JSON.stringify([run.feature, run.actions, run.subject]);
      runs.set(key, joined(runs.get(key) ?? [], run));
    },
    openRuns: () => [...runs.values()].reduce((sum, list) => sum + list.length, 0),
    report() {
      settle(() => true);
      return found.report();
    },
  };
}

export function findDuplicates(
  entries: Iterable<DuplicateEntry>,
  order: EntryOrder,
  outOfOrderMsMax = 0,
): DuplicateReport {
  const finder = duplicateFinder(order, outOfOrderMsMax);
  for (const entry of entries) finder.add(entry);
  return finder.report();
}

function runOf({ feature, actions, subject, ...first }: DuplicateEntry): Run | null {
  if (subject === undefined) return null;
  return {
    feature,
    actions: [...new Set(actions)].sort(),
    subject,
    first,
    lastAtMs: first.occurredAtMs,
    entries: 1,
    creditsMicros: BigInt(first.creditsMicros),
  };
}

/** The runs with one more, which may join several into one. */
function joined(runs: readonly Run[], added: Run): readonly Run[] {
  const apart: Run[] = [];
  let run = added;
  for (const other of runs) {
    if (!isWithinReach(other, added)) apart.push(other);
    else {
      run = {
        ...run,
        first: isBefore(other.first, run.first) ? other.first : run.first,
        lastAtMs: Math.max(run.lastAtMs, other.lastAtMs),
        entries: run.entries + other.entries,
        creditsMicros: run.creditsMicros + other.creditsMicros,
      };
    }
  }
  return [...apart, run];
}

function isWithinReach(run: Run, { first: { occurredAtMs } }: Run): boolean {
  return (
    run.first.occurredAtMs - DUPLICATE_WINDOW_MS <= occurredAtMs &&
    occurredAtMs <= run.lastAtMs + DUPLICATE_WINDOW_MS
  );
}

/** At one time the smaller id is the first, so that the order in which entries come changes nothing. */
function isBefore(a: Run["first"], b: Run["first"]): boolean {
  return a.occurredAtMs === b.occurredAtMs ? a.id < b.id : a.occurredAtMs < b.occurredAtMs;
}

/** Settled runs, added up; of the groups only the largest are kept. */
function findings(): { add(run: Run): void; report(): DuplicateReport } {
  const features = new Map<string, { readonly duplicates: number; readonly creditsMicros: bigint }>();
  let groups: DuplicateGroup[] = [];
  return {
    add({ first, entries, creditsMicros: allMicros, ...run }) {
      if (entries === 1) return;
      const [duplicates, creditsMicros] = [entries - 1, allMicros - BigInt(first.creditsMicros)];
      const before = features.get(run.feature) ?? { duplicates: 0, creditsMicros: 0n };
      features.set(run.feature, {
        duplicates: before.duplicates + duplicates,
        creditsMicros: before.creditsMicros + creditsMicros,
      });
      groups.push({ ...run, firstId: first.id, firstAtMs: first.occurredAtMs, duplicates, creditsMicros });
      if (groups.length > 2 * DUPLICATE_GROUPS_MAX) groups = largest(groups);
    },
    report() {
      const totals = [...features].map(([feature, sums]) => ({ feature, ...sums }));
      return {
        duplicates: totals.reduce((sum, { duplicates }) => sum + duplicates, 0),
        creditsMicros: totals.reduce((sum, { creditsMicros }) => sum + creditsMicros, 0n),
        features: totals.sort((a, b) => byCredits(a, b) || (a.feature < b.feature ? -1 : 1)),
        groups: largest(groups),
      };
    },
  };
}

function largest(groups: readonly DuplicateGroup[]): DuplicateGroup[] {
  const sorted = [...groups].sort((a, b) => byCredits(a, b) || (a.firstId < b.firstId ? -1 : 1));
  return sorted.slice(0, DUPLICATE_GROUPS_MAX);
}

function byCredits(a: { readonly creditsMicros: bigint }, b: { readonly creditsMicros: bigint }): number {
  if (a.creditsMicros === b.creditsMicros) return 0;
  return a.creditsMicros > b.creditsMicros ? -1 : 1;
}
