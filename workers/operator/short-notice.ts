/** Refusing prices that would rise with too short a notice (rules, 8.4). */
import { formatInstant } from "../../shared/api/common.ts";
import {
  isShortNotice,
  NOTICE_DAYS,
  NOTICE_MS,
  type VersionRises,
} from "../../shared/credits/rate-changes.ts";
import type { RateCause } from "../../shared/credits/rate-notices.ts";
import { invalidField } from "../ingest/http.ts";

const NAMED_MAX = 20;

/** Throws where a rise takes effect in less than 30 days; the problem names what rises and the ways out. */
export function refuseShortNotice(rises: readonly VersionRises[], cause: RateCause, nowMs: number): void {
  const short = rises.filter(({ effectiveAtMs }) => isShortNotice(effectiveAtMs, nowMs));
  if (short.length === 0) return;
  const published = cause.kind === "published";
  const message = short.map((version) => riseText(version, cause, nowMs)).join("; ");
  const asked = published ? "send shortNotice: true" : "add ?shortNotice=true";
  throw invalidField(
    published ? "effectiveAt" : "shortNotice",
    `${message}; or ${asked}, which the notice to the admins says`,
    "notice_too_short",
  );
}

function riseText({ version, effectiveAtMs, rises }: VersionRises, cause: RateCause, nowMs: number): string {
  const own = cause.kind === "published" && cause.version === version;
  const subject = own
    ? "it"
    : `version ${version}, which takes effect at ${formatInstant(effectiveAtMs)}, then`;
  const what = risesText(rises);
  const out = own
    ? `let it take effect at ${formatInstant(nowMs + NOTICE_MS)} or later`
    : `withdraw version ${version} first`;
  return `${subject} ${what}, which needs ${NOTICE_DAYS} days' notice: ${out}`;
}

function risesText(rises: VersionRises["rises"]): string {
  const raised = namesOf(rises, "raised");
  const priced = namesOf(rises, "priced");
  return [
    ...(raised === null ? [] : [`raises ${raised}`]),
    ...(priced === null ? [] : [`prices ${priced}, beta so far`]),
  ].join(" and ");
}

/** "assistant/answer, assistant/tokens and 3 more"; null where there are none. */
function namesOf(rises: VersionRises["rises"], kind: "raised" | "priced"): string | null {
  const names = rises
    .filter((rise) => rise.kind === kind)
    .map(({ feature, action }) => `${feature}/${action}`);
  if (names.length === 0) return null;
  const more = names.length - NAMED_MAX;
  const shown = names.slice(0, NAMED_MAX).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}
