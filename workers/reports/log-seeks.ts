/** Which roll-ups tell that a day can hold entries of the log; pure. */
import type { RollupDimension } from "../../shared/reports/fold.ts";
import type { LogTerms } from "../../shared/reports/log-filter.ts";

/** A row that a day has to have; what is left out may be anything. */
export interface RollupSeek {
  readonly dimension: RollupDimension;
  readonly feature?: string;
  readonly key?: string;
}

/** All of them have to be found. What the roll-ups do not know, such as subjects, asks for none. */
export function rollupSeeks({ feature, action, user, team, workflow }: LogTerms): readonly RollupSeek[] {
  const byAction =
    feature === undefined && action === undefined
      ? []
      : [
          {
            dimension: "action" as const,
            ...(feature === undefined ? {} : { feature }),
            ...(action === undefined ? {} : { key: action }),
          },
        ];
  const whole = [
    ["user", user],
    ["team", team],
    ["workflow", workflow],
  ] as const;
  return [
    ...byAction,
    ...whole.flatMap(([dimension, key]) => (key === undefined ? [] : [{ dimension, feature: "", key }])),
  ];
}
