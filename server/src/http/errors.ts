import { API_ERRORS, type ErrorKind } from "@causeway/contract";

/**
 * A refusal the caller can act on. `detail` is for people and is added to the answer's `more_info`-linked message in
 * the log only where the table's message must stand to the letter; `cause` is only logged.
 */
export class ApiError extends Error {
  readonly kind: ErrorKind;
  readonly detail: string | undefined;

  constructor(kind: ErrorKind, detail?: string, options?: { cause?: unknown }) {
    super(API_ERRORS[kind].message, options);
    this.name = "ApiError";
    this.kind = kind;
    this.detail = detail;
  }
}
