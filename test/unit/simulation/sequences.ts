/** Arrays that are long when they are drawn and short when they are shrunk. */
import fc from "fast-check";

/** Exactly so many items at first; a counterexample may have any number of them. */
export function longArray<Item>(item: fc.Arbitrary<Item>, length: number): fc.Arbitrary<Item[]> {
  return new LongArray(
    fc.array(item, { minLength: length, maxLength: length, size: "max" }),
    fc.array(item, { maxLength: length, size: "max" }),
  );
}

class LongArray<Item> extends fc.Arbitrary<Item[]> {
  readonly #drawn: fc.Arbitrary<Item[]>;
  readonly #shrunk: fc.Arbitrary<Item[]>;

  constructor(drawn: fc.Arbitrary<Item[]>, shrunk: fc.Arbitrary<Item[]>) {
    super();
    this.#drawn = drawn;
    this.#shrunk = shrunk;
  }

  override generate(random: fc.Random, biasFactor: number | undefined): fc.Value<Item[]> {
    return this.#drawn.generate(random, biasFactor);
  }

  override canShrinkWithoutContext(value: unknown): value is Item[] {
    return this.#shrunk.canShrinkWithoutContext(value);
  }

  override shrink(value: Item[], context: unknown): fc.Stream<fc.Value<Item[]>> {
    return this.#shrunk.shrink(value, context);
  }
}
