/** The changes ahead, with their dates (rules, 8.4 and 8.6). */

import type { PriceList } from "../../../../shared/client/types.ts";
import type { Format } from "../../format.ts";
import type { Html } from "../../page.tsx";
import { Badge, Card } from "../../parts/blocks.tsx";
import { featurePath } from "../../parts/paths.ts";
import { type ChangeAhead, changeText, type ListedFeature, type PriceChange } from "./rate-words.ts";

/** The rest of a version opens below. */
const SEEN_AT_ONCE = 8;

interface ChangesAheadProps {
  readonly prices: PriceList;
  readonly format: Format;
  readonly root: string;
  /** Only what changes for this feature. */
  readonly feature?: string;
}

/** Nothing where nothing changes. */
export function ChangesAhead({ prices, format, root, feature }: ChangesAheadProps): Html {
  const ahead = prices.changes
    .map((version) => ({
      ...version,
      changes: version.changes.filter((change) => feature === undefined || change.feature === feature),
    }))
    .filter(({ changes }) => changes.length > 0);
  if (ahead.length === 0) return <></>;
  return (
    <Card title="Changes ahead">
      {ahead.map((version) => (
        <Version
          version={version}
          features={prices.features}
          format={format}
          root={feature === undefined ? root : null}
        />
      ))}
    </Card>
  );
}

interface VersionProps {
  readonly version: ChangeAhead;
  readonly features: readonly ListedFeature[];
  readonly format: Format;
  /** null on a feature's own page. */
  readonly root: string | null;
}

function Version(props: VersionProps): Html {
  const { version, format } = props;
  const { effectiveAt, changes } = version;
  const more = changes.slice(SEEN_AT_ONCE);
  return (
    <>
      <h3>From {format.dateTime(effectiveAt)}</h3>
      <Changes {...props} changes={changes.slice(0, SEEN_AT_ONCE)} />
      {more.length === 0 ? null : (
        <details>
          <summary>{format.plural(more.length, "more change")}</summary>
          <Changes {...props} changes={more} />
        </details>
      )}
    </>
  );
}

function Changes({
  changes,
  features,
  format,
  root,
}: VersionProps & { readonly changes: readonly PriceChange[] }): Html {
  return (
    <ul class="plain">
      {changes.map((change) => {
        const { feature, action, how } = changeText(change, features, format);
        return (
          <li>
            {root === null ? null : (
              <FeatureLink change={change} name={feature} features={features} root={root} />
            )}
            {root !== null && action !== undefined ? ": " : " "}
            {action ?? (root === null ? "The feature" : null)} {how}{" "}
            {change.raised === true ? <Badge tone="warning">Costs more</Badge> : null}
          </li>
        );
      })}
    </ul>
  );
}

interface FeatureLinkProps {
  readonly change: PriceChange;
  readonly name: string;
  readonly features: readonly ListedFeature[];
  readonly root: string;
}

/** A feature that is still to come has no page yet. */
function FeatureLink({ change, name, features, root }: FeatureLinkProps): Html {
  const isKnown = features.some(({ feature }) => feature === change.feature);
  if (!isKnown) return <strong>{name}</strong>;
  return <a href={featurePath(root, change.feature)}>{name}</a>;
}
