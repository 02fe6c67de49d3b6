/** What counts in a period may have occurred before it: a chart by day has no place for it (rules, 10.2). */
import type { AccountPage, Html } from "../../page.tsx";

interface LateProps {
  readonly credits: number;
  readonly page: AccountPage;
}

/** Nothing where nothing came late. */
export function LateCredits({ credits, page: { format } }: LateProps): Html {
  if (credits === 0) return <></>;
  return (
    <p class="muted">
      {`${format.credits(credits)} credits of earlier days came late: they count here and are not in the chart.`}
    </p>
  );
}
