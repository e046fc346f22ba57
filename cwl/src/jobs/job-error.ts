/** What part of a job's life went wrong; `exit` is a command that ended with a failing code. */
export type JobErrorKind = "input" | "expression" | "command" | "staging" | "exit" | "output";

/**
 * A job that cannot be built, run or collected, for a reason the author or user of the tool can act on.
 *
 * `place` is where in the tool or its inputs (`inputs.reads[2].secondaryFiles`). Everything else that is thrown is a
 * fault of ours or of the system.
 */
export class JobError extends Error {
  readonly kind: JobErrorKind;
  readonly place: string;
  /** Whether a retry may help: the command ended with one of `temporaryFailCodes` or was lost. */
  readonly temporary: boolean;

  constructor(kind: JobErrorKind, place: string, message: string, options: { cause?: unknown; temporary?: boolean } = {}) {
    super(place === "" ? message : `${place}: ${message}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "JobError";
    this.kind = kind;
    this.place = place;
    this.temporary = options.temporary ?? false;
  }
}

/** A `JobError` as plain data. */
export type JobFailure = Pick<JobError, "kind" | "place" | "message" | "temporary">;

export const failureOf = ({ kind, place, message, temporary }: JobError): JobFailure => ({ kind, place, message, temporary });

/** The error that a failure was made of, without its cause. */
export function asJobError({ kind, place, message, temporary }: JobFailure): JobError {
  const error = new JobError(kind, place, "", { temporary });
  error.message = message;
  return error;
}

/** A value as a message shows it: JSON, cut to a readable length. */
export function shown(value: unknown, limit = 120): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}

/** Puts the job's name before the place of every error. */
export async function naming<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof JobError)) throw error;
    const { kind, place, temporary, message } = error;
    const named = new JobError(kind, place, "", { cause: error.cause ?? error, temporary });
    named.message = `${name}: ${message}`;
    throw named;
  }
}
