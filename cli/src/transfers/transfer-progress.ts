import { size } from "../output/output.ts";
import { createProgress } from "../output/progress.ts";
import type { OnBytes } from "./bytes.ts";

export interface TransferProgress {
  readonly onBytes: OnBytes;
  fileDone(): void;
  stop(): void;
}

/** One bar: of a single file its bytes, of several how many of them are done. */
export async function transferProgress(
  files: readonly { name: string; size: number }[],
  silent: boolean,
): Promise<TransferProgress> {
  const [first] = files;
  if (first && files.length === 1) {
    const bar = await createProgress(first.name, first.size, { unit: "bytes", silent });
    return { onBytes: bar.add, fileDone() {}, stop: bar.stop };
  }
  const bar = await createProgress("files", files.length, { unit: "steps", silent });
  let [done, bytes] = [0, 0];
  const update = () => bar.update(done, size(bytes));
  return {
    onBytes(count) {
      bytes += count;
      update();
    },
    fileDone() {
      done++;
      update();
    },
    stop: bar.stop,
  };
}
