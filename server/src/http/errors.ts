import { API_ERRORS, type ErrorKind } from "@causeway/contract";

/**
 * A refusal the caller can act on. The answer's message is the table's, to the letter; `detail`, for people, says what
 * exactly is wrong and travels in the answer's `more_info`. `cause` is only logged.
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
