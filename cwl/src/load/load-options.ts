import type { Declared } from "./declared.ts";
import type { FetchText } from "./fetch.ts";
import type { LoadLimits } from "./limits.ts";
import type { Problem } from "./problem.ts";

/** How a document is loaded. */
export interface LoadOptions {
  /** How documents are read; default: files only. */
  fetchText?: FetchText;
  /** What the input object demands (`cwl:requirements`): stands for what the process itself declares of the same class. */
  demanded?: Declared | undefined;
  /** Default: `DEFAULT_LOAD_LIMITS`. */
  limits?: LoadLimits;
  /** Refuses JavaScript that strict mode refuses (CWL v1.2 §Expressions). Default: a warning, as published apps hold it. */
  strict?: boolean;
  /** Told of each warning of a document that loads. */
  onWarning?: (warning: Problem) => void;
}
