/** What a forecast takes for granted, in sentences for people (rules, 10.6). Pure. */
import { dayText, numberText } from "../text.ts";
import type { ForecastAssumption } from "./forecast-basis.ts";

export function assumptionText(assumption: ForecastAssumption): string {
  switch (assumption.kind) {
    case "limit_stops_nothing":
      return "Use goes on as before, also above the limit: this is what is wanted, not what is allowed.";
    case "day_is_even":
      return `${percentText(assumption.passed)} of today has passed; the rest of it is used at the pace of a whole day.`;
    case "weekday_rhythm":
      return `Weekdays differ as they did so far, in parts of an average day: ${rhythmText(assumption.factors)}.`;
    case "every_day_alike":
      return assumption.tooFewDays
        ? "Every weekday is taken to be alike: too few days are known to see a rhythm."
        : "Every weekday is taken to be alike: no rhythm of the week shows.";
    case "level_since":
      return `Since ${dayText(assumption.day)} use is on another level; days before it count for rhythm and growth only.`;
    case "growth_fades":
      return `Use ${assumption.percentPerWeek < 0 ? "falls" : "grows"} by ${numberText(Math.abs(assumption.percentPerWeek))}% a week, which fades.`;
    case "days_left_out":
      return assumption.days === 1
        ? "A day on which use was denied for want of credits is left out."
        : `${assumption.days} days on which use was denied for want of credits are left out.`;
    case "few_days_known":
      return `The range guesses how days differ, because only ${assumption.wholeDays} whole ${assumption.wholeDays === 1 ? "day is" : "days are"} known.`;
  }
}

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

function rhythmText(factors: readonly number[]): string {
  return factors.map((factor, index) => `${WEEKDAYS[index]} ${numberText(factor)}`).join(", ");
}

function percentText(part: number): string {
  return `${Math.round(part * 100)}%`;
}
