/** What `causeway` answers to whoever started it. A number never changes meaning. */
export const EXIT = {
  ok: 0,
  /** Anything that has no number of its own. */
  failure: 1,
  /** The command line cannot be understood. */
  usage: 2,
  notFound: 3,
  /** No token, a wrong one, or not enough rights. */
  notAllowed: 4,
  /** The task that was waited for failed or was aborted. */
  taskFailed: 5,
  /** The platform cannot be reached or is closed. */
  unavailable: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Why a command cannot go on, in words for its user: what is wrong, where exactly, what to do. */
export class CliError extends Error {
  readonly exit: ExitCode;
  readonly advice: string | undefined;

  constructor(message: string, { exit = EXIT.failure, advice }: { exit?: ExitCode; advice?: string } = {}) {
    super(message);
    this.exit = exit;
    this.advice = advice;
  }
}

export const EXIT_HELP = `Exit codes:
  0 done                         4 no token, a wrong one, or not enough rights
  1 failed                       5 the task failed or was aborted
  2 wrong command line           6 the platform cannot be reached or is closed
  3 not found                    130 interrupted`;
