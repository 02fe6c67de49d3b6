/** What admins are told when prices change for what their account uses (rules, sections 6.4, 8.1 and 8.4). Pure. */
import { isShortNotice, type RateRise, type VersionRises } from "./rate-changes.ts";

/** An account counts as using a feature that it used within this time. */
export const USED_WITHIN_DAYS = 90;
const CHANGES_TOLD_MAX = 50;

/** A version ahead raises prices of features that the account uses, or prices beta features that it uses. */
export interface RateChangeAhead {
  readonly kind: "rate_change";
  readonly atMs: number;
  /** The account's period at that time. */
  readonly period: string;
  readonly version: number;
  readonly effectiveAtMs: number;
  /** Less than 30 days, as the operator asked for. */
  readonly shortNotice: boolean;
  readonly changes: readonly RateRise[];
  /** Further ones, which only the price list shows. */
  readonly changesOmitted: number;
}

/** A version that admins were told of does not take effect. */
export interface RateChangeWithdrawn {
  readonly kind: "rate_withdrawn";
  readonly atMs: number;
  readonly period: string;
  readonly version: number;
  /** When it would have taken effect. */
  readonly effectiveAtMs: number;
}

export type RateNoticeContent = RateChangeAhead | RateChangeWithdrawn;
export type RateNoticeKind = RateNoticeContent["kind"];

/** One notice for all accounts that it concerns. */
export interface RateNotice {
  /** Names it within each account, so that it is told once: "rate_change/7". */
  readonly notice: string;
  readonly kind: RateNoticeKind;
  readonly version: number;
  readonly atMs: number;
  readonly effectiveAtMs: number;
  readonly shortNotice: boolean;
  /** It concerns accounts that use one of these features. */
  readonly changes: readonly RateRise[];
  /** Of a withdrawal: the notices that it takes back; who got one of them is told, too. */
  readonly revokes: readonly string[];
}

/** What made a version's prices rise: its publication, that of a version before it, the withdrawal of one before it. */
export interface RateCause {
  readonly kind: "published" | "withdrawn";
  readonly version: number;
}

export function riseNotices(
  rises: readonly VersionRises[],
  cause: RateCause,
  atMs: number,
): readonly RateNotice[] {
  return rises.map(({ version, effectiveAtMs, rises: changes }) => ({
    notice: riseNoticeName(version, cause),
    kind: "rate_change",
    version,
    atMs,
    effectiveAtMs,
    shortNotice: isShortNotice(effectiveAtMs, atMs),
    changes,
    revokes: [],
  }));
}

function riseNoticeName(version: number, cause: RateCause): string {
  const own = cause.kind === "published" && cause.version === version;
  return own ? `rate_change/${version}` : `rate_change/${version}/${cause.kind}-${cause.version}`;
}

/** Takes back every notice of a version that is withdrawn; null where nobody was told of it. */
export function withdrawalNotice(
  version: number,
  told: readonly RateNotice[],
  atMs: number,
): RateNotice | null {
  const revoked = told.filter((notice) => notice.kind === "rate_change" && notice.version === version);
  const [first] = revoked;
  if (first === undefined) return null;
  return {
    notice: `rate_withdrawn/${version}`,
    kind: "rate_withdrawn",
    version,
    atMs,
    effectiveAtMs: first.effectiveAtMs,
    shortNotice: false,
    changes: revoked.flatMap(({ changes }) => changes),
    revokes: revoked.map(({ notice }) => notice),
  };
}

/** The account that a notice may concern. */
export interface Concerned {
  /** Features that it used lately, of those that change. */
  readonly usedFeatures: readonly string[];
  /** It was told what is now taken back. */
  readonly wasTold: boolean;
  /** The account's clock and its period. */
  readonly atMs: number;
  readonly period: string;
}

/** What the account is told; null where the notice does not concern it. */
export function rateNoticeFor(
  { kind, version, effectiveAtMs, shortNotice, changes }: RateNotice,
  { usedFeatures, wasTold, atMs, period }: Concerned,
): RateNoticeContent | null {
  const used = changes.filter(({ feature }) => usedFeatures.includes(feature));
  switch (kind) {
    case "rate_change":
      return used.length === 0
        ? null
        : {
            kind,
            atMs,
            period,
            version,
            effectiveAtMs,
            shortNotice,
            changes: used.slice(0, CHANGES_TOLD_MAX),
            changesOmitted: Math.max(0, used.length - CHANGES_TOLD_MAX),
          };
    case "rate_withdrawn":
      return used.length === 0 && !wasTold ? null : { kind, atMs, period, version, effectiveAtMs };
  }
}
