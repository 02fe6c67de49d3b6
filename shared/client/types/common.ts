/** What lists of all subjects share. */

export interface Page<Item> {
  readonly data: readonly Item[];
  /** For the next page's `cursor`; null after the last one. */
  readonly nextCursor: string | null;
}

export interface PageQuery {
  readonly limit?: number;
  readonly cursor?: string;
}

/** A list's own filter: the schema's query without what all pages share. */
export type Filtered<Query> = Omit<Query, "limit" | "cursor"> & PageQuery;
