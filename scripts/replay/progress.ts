/** How far it is, on one line of the terminal that is drawn again and again; silent where there is no terminal. */
const DRAW_EVERY_MS = 100;
const BAR_WIDTH = 30;

export interface Progress {
  end(): void;
}

export function showProgress(
  total: number,
  done: () => number,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  if (!stream.isTTY) return { end: () => undefined };
  const startedMs = performance.now();
  const draw = () => {
    stream.write(`\r${progressLine(done(), total, (performance.now() - startedMs) / 1000)}\u001b[K`);
  };
  const timer = setInterval(draw, DRAW_EVERY_MS);
  return {
    end() {
      clearInterval(timer);
      draw();
      stream.write("\n");
    },
  };
}

export function progressLine(done: number, total: number, seconds: number): string {
  const filled = Math.floor((BAR_WIDTH * done) / total);
  const bar = `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}`;
  const perSecond = seconds > 0 ? Math.round(done / seconds) : 0;
  const left = done > 0 && done < total ? `, ${Math.ceil(((total - done) * seconds) / done)} s left` : "";
  return `${bar} ${done.toLocaleString("en")}/${total.toLocaleString("en")} events, ${perSecond.toLocaleString("en")}/s${left}`;
}
