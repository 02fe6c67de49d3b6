/** A check for lists whose items carry a name of their own. */
import type { z } from "@hono/zod-openapi";

/** For `superRefine` on an array: each item that repeats an earlier one's `field` is refused by its path. */
export function uniqueBy<Field extends string>(field: Field) {
  return (items: readonly Readonly<Record<Field, string | number>>[], context: z.RefinementCtx): void => {
    const seen = new Set<string | number>();
    for (const [index, item] of items.entries()) {
      const name = item[field];
      if (seen.has(name)) {
        context.addIssue({ code: "custom", path: [index, field], message: `"${name}" stands here twice` });
      }
      seen.add(name);
    }
  };
}
