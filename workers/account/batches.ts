/** Outbox rows in batches that a queue takes: so many rows, so many bytes; pure. */

interface Row {
  readonly body: string;
}

export interface BatchLimits {
  readonly rows: number;
  /** Of the rows' bodies. */
  readonly bytes: number;
}

const encoder = new TextEncoder();

export function bytesOf({ body }: Row): number {
  return encoder.encode(body).length;
}

/** In order; a row that is too large by itself has a batch of its own. */
export function batchesOf<Sent extends Row>(
  rows: readonly Sent[],
  limits: BatchLimits,
): readonly (readonly Sent[])[] {
  const batches: Sent[][] = [];
  let bytes = 0;
  for (const row of rows) {
    const batch = batches.at(-1);
    const grown = bytes + bytesOf(row);
    if (batch !== undefined && batch.length < limits.rows && grown <= limits.bytes) {
      batch.push(row);
      bytes = grown;
    } else {
      batches.push([row]);
      bytes = bytesOf(row);
    }
  }
  return batches;
}
