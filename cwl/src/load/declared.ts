import type { Requirements } from "../model.ts";

/** The requirements and hints of a process or step. */
export interface Declared {
  requirements: Requirements;
  hints: Requirements;
}
