/** Progress of something long: nothing at all unless somebody looks at a terminal. */
export interface Progress {
  /** So much is done now, of the total; `words` stand beside the bar. */
  update(done: number, words?: string): void;
  /** So much more is done than before. */
  add(count: number): void;
  stop(): void;
}

const SILENT: Progress = { update() {}, add() {}, stop() {} };

/**
 * A bar on stderr, when that is a terminal. `unit` is what a step is: bytes are shown as sizes.
 */
export async function createProgress(
  title: string,
  total: number,
  { unit, silent = false }: { unit: "bytes" | "steps"; silent?: boolean },
): Promise<Progress> {
  if (silent || !process.stderr.isTTY) return SILENT;
  const { SingleBar, Presets } = await import("cli-progress");
  const { size, printable, onOneLine } = await import("./output.ts");
  const show = (value: number) => (unit === "bytes" ? size(value) : String(value));
  const format =
    unit === "bytes" ? "{title} {bar} {percentage}%  {done}/{all}  {eta_formatted}" : "{title} {bar} {done}/{all}  {words}";
  const bar = new SingleBar(
    { format, stream: process.stderr, hideCursor: true, clearOnComplete: true, barsize: 24 },
    Presets.shades_classic,
  );
  const words = (done: number, more = "") => ({
    title: printable(title),
    done: show(done),
    all: show(total),
    words: onOneLine(more),
  });
  bar.start(total, 0, words(0));
  let soFar = 0;
  const update = (done: number, more?: string) => {
    soFar = done;
    bar.update(Math.min(done, total), words(done, more));
  };
  return {
    update,
    add: (count) => update(soFar + count),
    stop: () => bar.stop(),
  };
}
