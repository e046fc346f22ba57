import { ApiFailure, ConnectionFailure } from "@causeway/contract/client";
import { CliError, EXIT, type ExitCode } from "./exit.ts";

/** What went wrong, for people and for scripts. */
export interface Explanation {
  readonly message: string;
  /** The platform's error code, where it answered one. */
  readonly code?: number;
  readonly status?: number;
  /** What exactly is wrong. */
  readonly detail?: string;
  /** What to do about it. */
  readonly advice?: string;
  readonly exit: ExitCode;
}

/** Puts any error into words and gives it its exit code; `undefined` for a mistake of ours, which is better thrown. */
export function explain(error: unknown): Explanation | undefined {
  if (error instanceof CliError) return withAdvice({ message: error.message, exit: error.exit }, error.advice);
  if (error instanceof ApiFailure) return ofApi(error);
  if (error instanceof ConnectionFailure) {
    const { cause } = error.cause as { cause?: { code?: string; message?: string } };
    const why = cause?.code ?? cause?.message;
    return withAdvice(
      { message: error.message, exit: EXIT.unavailable, ...(why === undefined ? {} : { detail: why }) },
      "Is the platform running (`causeway serve`), and is the address right (--url, --profile, SB_API_ENDPOINT)?",
    );
  }
  if (error instanceof Error && "code" in error && "syscall" in error) {
    return { message: error.message, exit: exitOfSystem(error as NodeJS.ErrnoException) };
  }
  return undefined;
}

function exitOfSystem({ code, syscall }: NodeJS.ErrnoException): ExitCode {
  if (code === "ENOENT") return EXIT.notFound;
  return syscall === "connect" || code === "ECONNRESET" ? EXIT.unavailable : EXIT.failure;
}

function ofApi(failure: ApiFailure): Explanation {
  const { message, code, status, detail } = failure;
  return withAdvice(
    {
      message,
      status,
      exit: exitOf(status),
      ...(code === undefined ? {} : { code }),
      ...(detail === undefined ? {} : { detail }),
    },
    adviceFor(failure),
  );
}

function exitOf(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.notAllowed;
  if (status === 404) return EXIT.notFound;
  return status === 503 || status === 502 || status === 504 ? EXIT.unavailable : EXIT.failure;
}

/** Codes of 403 that mean that the caller has no right; the other ones are told to those, too, who may do everything. */
const NOT_YOURS: ReadonlySet<number> = new Set([
  2001, 3001, 4001, 4006, 5001, 5008, 5009, 6001, 7001, 8001, 8002, 9003, 9004, 9005,
]);

function adviceFor({ status, code, requestId }: ApiFailure): string | undefined {
  if (status === 401)
    return "The token is missing, wrong or replaced: an administrator makes a new one with `causeway token new USER`.";
  if (code === 90002)
    return "Name the token of an administrator with SB_AUTH_TOKEN or --profile; `causeway user me` tells whose the present one is.";
  if (code !== undefined && NOT_YOURS.has(code))
    return "`causeway user me` tells who you are here; a project's administrator can give you rights.";
  if (status === 503) return code === 0 ? "An administrator opens it again with `causeway maintenance off`." : undefined;
  if (status === 429) return "Wait for the time that the platform's rate limit sets, at most five minutes.";
  if (code === 3002)
    return "`causeway project list` lists your projects; a path on the platform begins with one: owner/project/folder/file.";
  if (code === 5021) return "With --recursive a folder is deleted with everything in it.";
  if (code === 5003 || code === 8004) return "With --overwrite the new file takes the old one's place.";
  if (status >= 500 && requestId !== undefined) return `The platform's log says more about request ${requestId}.`;
  return undefined;
}

const withAdvice = (explanation: Explanation, advice: string | undefined): Explanation =>
  advice === undefined ? explanation : { ...explanation, advice };
