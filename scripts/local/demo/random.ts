/** Numbers that look random and come out the same for the same name. */
import { createHash } from "node:crypto";

export interface Random {
  /** At least 0, below 1. */
  fraction(): number;
  /** Both ends included. */
  integer(from: number, to: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

const UINT32_VALUES = 2 ** 32;

export function randomFrom(name: string): Random {
  let drawn = 0;
  const fraction = () => {
    drawn += 1;
    return createHash("sha256").update(`${name}/${drawn}`).digest().readUInt32BE() / UINT32_VALUES;
  };
  return {
    fraction,
    integer: (from, to) => from + Math.floor(fraction() * (to - from + 1)),
    pick: (items) => {
      const item = items[Math.floor(fraction() * items.length)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
  };
}
