import { ApiFailure, ConnectionFailure } from "@causeway/contract/client";
import { CliError, EXIT } from "../exit.ts";
import { explain } from "../failure.ts";
import { printable } from "../output/output.ts";
import { MetadataNotSet } from "./metadata-changes.ts";

/** Files of a transfer that failed while the others went on. */
export interface FailedFiles {
  /** Notes a failure; throws it when it is none of the file's own, so that no other file would fare better. */
  add(path: string, error: unknown): void;
  readonly any: boolean;
  /**
   * `what` of them was to be done, to `total` files.
   *
   * @throws CliError that names every file that failed, if any did; the error itself where there was one file alone
   */
  tell(total: number, what: "uploaded" | "downloaded"): void;
}

export function failedFiles(): FailedFiles {
  const failures: { path: string; error: unknown }[] = [];
  return {
    add(path, error) {
      if (isEverybodys(error) || !explain(error)) throw error;
      failures.push({ path, error });
    },
    get any() {
      return failures.length > 0;
    },
    tell(total, what) {
      const [first] = failures;
      if (!first) return;
      if (total === 1) throw first.error;
      const lines = failures.map(({ path, error }) => {
        const { message, code, detail } = explain(error)!;
        const number = code === undefined ? "" : ` (code ${code})`;
        return `${printable(path)}: ${message}${number}${detail === undefined ? "" : ` ${detail}`}`;
      });
      const advices = [...new Set(failures.flatMap(({ error }) => explain(error)!.advice ?? []))];
      const exits = new Set(failures.map(({ error }) => explain(error)!.exit));
      const isWhole = !failures.some(({ error }) => error instanceof MetadataNotSet);
      const happened = isWhole ? `could not be ${what}` : `could not be ${what} with all of their metadata`;
      throw new CliError([`${failures.length} ${happened}, the others are there:`, ...lines].join("\n  "), {
        exit: exits.size === 1 ? [...exits][0]! : EXIT.failure,
        advice: [...advices, "Run again with --skip-existing, the command takes only what is not there yet."].join("\n  "),
      });
    },
  };
}

/** Does something for a file, or a folder, whose failure is noted. */
export async function attempt(path: string, work: () => Promise<unknown>, failed: FailedFiles): Promise<void> {
  try {
    await work();
  } catch (error) {
    failed.add(path, error);
  }
}

/** No connection, no token, a closed platform. */
function isEverybodys(error: unknown): boolean {
  if (error instanceof ApiFailure) return error.status === 401 || error.status === 503;
  return error instanceof ConnectionFailure;
}
