/** Changes the books of an account by a pure function, however many do so at once. */
import type { BillingContext, Books } from "../../shared/credits/books.ts";
import { type BooksScope, readBooks } from "./books.ts";
import { type AuditedChange, storeBooks } from "./store.ts";

/** Each attempt fails only because another one succeeded. */
export const ATTEMPTS_MAX = 50;
const WAIT_MAX_MS = 20;

/** Gives whoever was faster time to finish; random, so that two do not meet again. */
export function waitForOthers(): Promise<void> {
  return scheduler.wait(Math.random() * WAIT_MAX_MS);
}

/** A change of the books, and what the audit log says of it. */
export interface BooksChanged {
  readonly books: Books;
  readonly audit?: AuditedChange;
}

/**
 * Reads, computes, stores; again from the start where somebody else has stored meanwhile. `change` answers with the
 * new books besides what its caller is told; null where D1 has no such account.
 */
export async function changeBooks<Result extends BooksChanged | { readonly kind: string }>(
  database: D1Database,
  accountKey: string,
  scope: BooksScope,
  change: (books: Books, context: BillingContext) => Result,
): Promise<Result | null> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const loaded = await readBooks(database, accountKey, scope, Date.now());
    if (loaded === null) return null;
    const { token, books } = loaded;
    const result = change(books, loaded.context);
    if (!("books" in result) || result.books === books) return result;
    const beside = result.audit === undefined ? {} : { audit: result.audit };
    if (await storeBooks(database, accountKey, token, books, result.books, beside)) return result;
    await waitForOthers();
  }
  throw new Error(`the books of ${accountKey} are too busy`);
}
