/** A drawing in a row of a table; it says nothing that the text beside it does not. */
import { percent } from "./frame.tsx";
import type { ShareBarProps } from "./props.ts";

/** A share of the whole as a thin bar that fills its cell. */
export function ShareBar({ percent: share }: ShareBarProps) {
  const filled = Math.min(100, Math.max(0, Number(share ?? 0)));
  return (
    <svg class="share-bar" width="100%" height="6" aria-hidden="true">
      <rect class="share-track" width="100%" height="6" rx="3" />
      {filled > 0 ? <rect class="share-fill" width={percent(filled)} height="6" rx="3" /> : null}
    </svg>
  );
}
