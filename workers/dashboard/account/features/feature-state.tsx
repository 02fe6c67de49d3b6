/** Whether a feature can be used, and by whom (rules, 2.3, 8.3 and 9.2). */
import type { AccountFeature } from "../../../../shared/client/types.ts";
import { isPermitted } from "../../../../shared/credits/directory.ts";
import type { Format } from "../../format.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge } from "../../parts/blocks.tsx";

/** What is out of the ordinary. */
export function FeatureBadges({ feature }: { readonly feature: AccountFeature }): Html {
  const { beta, paused } = feature;
  return (
    <>
      {paused ? <Badge tone="warning">Paused</Badge> : null} {beta ? <Badge tone="accent">Beta</Badge> : null}
    </>
  );
}

/** Whether the viewer may use it; the operator uses nothing. */
export function mayUse({ feature, paused }: AccountFeature, { viewer, view }: AccountPage): string {
  if (viewer.kind === "operator") return "–";
  if (!isPermitted(view.directory, { feature, user: viewer.user })) return "No, some only";
  return paused ? "Paused now" : "Yes";
}

/** "Everybody", or how many users and teams. */
export function whoMayUse({ access }: AccountFeature, format: Format): string {
  if (access === null) return "Everybody";
  const { users, teams } = access;
  const parts = [
    ...(users.length > 0 ? [format.plural(users.length, "user")] : []),
    ...(teams.length > 0 ? [format.plural(teams.length, "team")] : []),
  ];
  return parts.length === 0 ? "Nobody" : `Only ${format.list(parts)}`;
}
