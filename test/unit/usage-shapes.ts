/** Day totals as accounts might use credits: seeded, so that a shape with a seed is always the same days. */
import { randomOf } from "../object/random.ts";

export type Shape = "steady" | "weekly" | "growth" | "bursts" | "step";

/** Credits of so many days in a row; the first is a Sunday plus `weekday`. */
export function usageOf(shape: Shape, seed: number, days: number, weekday: number): readonly number[] {
  const random = randomOf(seed);
  const between = (from: number, to: number) => from + (to - from) * random();
  const level = between(20, 2000);
  const noise = between(0.1, shape === "bursts" ? 0.4 : 0.3);
  /** About 1, never below 0. */
  const about = () => Math.exp(noise * normal(random) - noise ** 2 / 2);
  const perDay = () => Array.from({ length: days }, (_, day) => day);
  switch (shape) {
    case "steady":
      return perDay().map(() => level * about());
    case "weekly":
      return perDay().map((day) => level * (WORKING_WEEK[(weekday + day) % 7] ?? 1) * about());
    case "growth": {
      const perMonth = between(1.2, 2);
      return perDay().map((day) => level * perMonth ** (day / 30) * about());
    }
    case "bursts": {
      const [often, times] = [between(0.03, 0.12), between(5, 20)];
      return perDay().map(() => level * about() * (random() < often ? times * between(0.5, 1.5) : 1));
    }
    case "step": {
      const [at, times] = [Math.floor(random() * days), random() < 0.5 ? between(0.3, 0.7) : between(1.5, 3)];
      return perDay().map((day) => level * about() * (day < at ? 1 : times));
    }
  }
}

/** From Sunday on. */
const WORKING_WEEK = [0.1, 1.1, 1.3, 1.3, 1.2, 1.1, 0.2];

/** A standard normal number (Box and Muller). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
