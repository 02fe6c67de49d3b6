/** A closed loop of callers over kept-alive connections: each sends its next request when the last was answered. */
import { Agent, request } from "node:http";
import { createHistogram, performance } from "node:perf_hooks";

export interface Target {
  /** Of the n-th request, where it differs. */
  readonly url: string | ((index: number) => string);
  readonly headers: Readonly<Record<string, string>>;
  /** Body of the n-th request; undefined for GET. */
  readonly body?: (index: number) => string;
}

export interface Measured {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const MICROS_PER_MS = 1000;

/** Runs `callers` loops for a time. Throws where an answer is not 200: a figure of failures means nothing. */
export async function load(
  target: Target,
  callers: number,
  durationMs: number,
  firstIndex: number,
): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const latencies = createHistogram();
  const startedMs = performance.now();
  const endsMs = startedMs + durationMs;
  let next = firstIndex;
  let answered = 0;
  const caller = async () => {
    while (performance.now() < endsMs) {
      const index = next;
      next += 1;
      const sentMs = performance.now();
      await send(target, agent, index);
      latencies.record(Math.max(1, Math.round((performance.now() - sentMs) * MICROS_PER_MS)));
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const elapsedSeconds = (performance.now() - startedMs) / 1000;
  agent.destroy();
  return {
    requests: answered,
    requestsPerSecond: answered / elapsedSeconds,
    p50Ms: latencies.percentile(50) / MICROS_PER_MS,
    p99Ms: latencies.percentile(99) / MICROS_PER_MS,
  };
}

function send(
  { url: urlOf, headers: given, body: bodyOf }: Target,
  agent: Agent,
  index: number,
): Promise<void> {
  const url = typeof urlOf === "string" ? urlOf : urlOf(index);
  const body = bodyOf?.(index);
  const method = body === undefined ? "GET" : "POST";
  const headers = body === undefined ? given : { ...given, "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent, headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${url} answered ${answer.statusCode}`));
      answer.resume();
      answer.on("end", resolve);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
