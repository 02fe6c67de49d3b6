/** Newline-delimited JSON, one value at a time, so that an export of any length needs no memory of its own. */
export async function* readLines<Value>(stream: ReadableStream<Uint8Array>): AsyncGenerator<Value> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let rest = "";
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      const lines = (rest + decoder.decode(chunk.value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") yield JSON.parse(line) as Value;
    }
    if (rest !== "") yield JSON.parse(rest) as Value;
  } finally {
    await reader.cancel();
  }
}
