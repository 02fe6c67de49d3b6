/** Codes and ids as people read them. */

/** "usage_threshold" gives "Usage threshold". */
export function wordsOf(code: string): string {
  const words = code.replaceAll(/[_-]+/g, " ").trim();
  if (words === "") return code;
  return upperFirst(words)
    .replace(/^Api\b/, "API")
    .replace(/^Email\b/, "E-mail");
}

export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** For a phrase within a sentence. */
export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Who is meant, where several may have the same name: "Ada (u_12)". */
export function nameWithId(name: string, id: string): string {
  return name === "" || name === id ? id : `${name} (${id})`;
}

/** What stands in a table where there is nothing. */
export const NONE = "–";
