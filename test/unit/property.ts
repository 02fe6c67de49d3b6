/**
 * How long and with which cases the properties run: the same ones every time. PROPERTY_SEED takes others,
 * PROPERTY_FACTOR so many times more.
 */
const SEED = Number(process.env.PROPERTY_SEED ?? 20_261_121);
const FACTOR = Number(process.env.PROPERTY_FACTOR ?? 1);

export function runs(numRuns: number): { readonly seed: number; readonly numRuns: number } {
  return { seed: SEED, numRuns: Math.ceil(numRuns * FACTOR) };
}

/** A test of a property has the time that its cases need on a slow machine. */
export const PATIENT = { timeout: 60_000 * Math.max(1, FACTOR) };
