/** Addresses of entries. An event's id is its caller's: it may hold any character. */

/** null for the two ids that no path can carry: they mean a place in it. */
export function entryHref(root: string, id: string): string | null {
  return id === "." || id === ".." ? null : `${root}/log/${encodeURIComponent(id)}`;
}
