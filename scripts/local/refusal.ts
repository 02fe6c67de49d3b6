/** A start that cannot go on, told in words for the person at the terminal: shown without a stack trace. */
export class StartRefusal extends Error {
  override readonly name = "StartRefusal";
}
