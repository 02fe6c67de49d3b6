/** Shares and changes of totals as percentages with one decimal, exact: credits leave the safe integers. */

/** `part` of `whole`, half away from zero: "12.5", "-100.0"; null where there is nothing above 0 to compare with. */
export function percentText(part: bigint, whole: bigint): string | null {
  if (whole <= 0n) return null;
  const magnitude = part < 0n ? -part : part;
  const tenths = (2n * magnitude * 1000n + whole) / (2n * whole);
  const sign = part < 0n && tenths > 0n ? "-" : "";
  return `${sign}${tenths / 10n}.${tenths % 10n}`;
}
