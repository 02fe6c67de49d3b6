/** A share of the whole: in percent, and as a bar. */
import { ShareBar } from "../charts/share-bar.tsx";
import type { Format } from "../format.ts";
import type { Html } from "../page.tsx";

interface ShareProps {
  /** null: nothing to share. */
  readonly percent: string | null;
  readonly format: Format;
}

export function Share({ percent, format }: ShareProps): Html {
  return (
    <span class="share">
      {percent === null ? "–" : format.percent(percent)}
      <ShareBar percent={percent} />
    </span>
  );
}
