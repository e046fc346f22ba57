import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "ini";
import { CliError, EXIT } from "../exit.ts";
import { findRunning } from "../platform/running.ts";

/** Where the platform is and who we are there. */
export interface Profile {
  /** The API's base URL, ending in `/v2`. */
  readonly url: string;
  readonly token: string | undefined;
  /** The file of a certificate to trust besides the usual ones: that of a platform here that made its own. */
  readonly certificate?: string;
}

export interface ProfileOptions {
  readonly url?: string;
  readonly token?: string;
  readonly profile?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The file that clients of Seven Bridges share (conventions.md §1). */
const credentialsFile = (): string => join(homedir(), ".sevenbridges", "credentials");

/**
 * Address and token, from the first place that has both: flags; the named profile; the environment; the profiles
 * `causeway` and `default` of the credentials file; the platform that runs on this directory's data. A flag for one of
 * the two goes with the other from the next place.
 *
 * @throws CliError when there is none, or no profile of that name
 */
export function findProfile(options: ProfileOptions, environment: Environment = process.env): Profile {
  const found = { url: options.url, token: options.token };
  let certificate: string | undefined;
  if (options.profile !== undefined) {
    const named = readProfiles()[options.profile];
    if (!named) throw noSuchProfile(options.profile);
    found.url ??= named.api_endpoint;
    found.token ??= named.auth_token;
  } else {
    found.url ??= environment.SB_API_ENDPOINT || undefined;
    found.token ??= environment.SB_AUTH_TOKEN || undefined;
    const { causeway, default: fallback } = found.url && found.token ? {} : readProfiles();
    for (const profile of [causeway, fallback, runningHere(environment)]) {
      // A token is for one platform only: it is never sent to another one's address.
      if (profile && (found.url === undefined || found.url === profile.api_endpoint)) {
        found.url ??= profile.api_endpoint;
        found.token ??= profile.auth_token;
        certificate ??= profile.certificate;
      }
    }
  }
  if (found.url === undefined) throw startingHere(environment) ?? nowhere();
  return { url: withVersion(found.url), token: found.token, ...(certificate === undefined ? {} : { certificate }) };
}

interface Section {
  api_endpoint?: string;
  auth_token?: string;
  certificate?: string;
}

function readProfiles(): Record<string, Section | undefined> {
  try {
    return parse(readFileSync(credentialsFile(), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

/** The platform whose data lies here, for its administrator: whoever can read the token file is one anyway. */
function runningHere(environment: Environment): Section | undefined {
  const directory = dataDirectory(environment);
  try {
    const { url, certificate } = JSON.parse(readFileSync(join(directory, "running.json"), "utf8")) as {
      url?: string;
      certificate?: string;
    };
    return {
      ...(url === undefined ? {} : { api_endpoint: url }),
      ...(certificate === undefined ? {} : { certificate }),
      auth_token: readFileSync(join(directory, "admin.token"), "utf8").trim(),
    };
  } catch {
    // No platform runs here, or it is somebody else's.
    return undefined;
  }
}

/** People give the address with and without `/v2`, with and without a slash at the end. */
function withVersion(url: string): string {
  const plain = url.replace(/\/+$/, "");
  if (!URL.canParse(plain))
    throw new CliError(`${url} is no address; one looks like http://127.0.0.1:8080/v2`, { exit: EXIT.usage });
  return plain.endsWith("/v2") ? plain : `${plain}/v2`;
}

function noSuchProfile(name: string): CliError {
  const names = Object.keys(readProfiles());
  const advice =
    names.length > 0 ? `It has: ${names.join(", ")}.` : `Write a section [${name}] with api_endpoint and auth_token.`;
  return new CliError(`${credentialsFile()} has no profile ${name}.`, { exit: EXIT.usage, advice });
}

/** The platform of this directory, which takes no calls yet: scripts may try again. */
function startingHere(environment: Environment): CliError | undefined {
  const directory = dataDirectory(environment);
  const running = findRunning(directory);
  if (!running || running.url !== undefined) return undefined;
  return new CliError(`The platform on ${directory} is starting: it does not take commands yet.`, {
    exit: EXIT.unavailable,
    advice: "Run the command again in a moment; `causeway serve` prints `Causeway serves` when it does.",
  });
}

const dataDirectory = (environment: Environment): string => resolve(environment.CAUSEWAY_DATA || ".causeway");

const nowhere = () =>
  new CliError("Which platform? No address is known.", {
    exit: EXIT.usage,
    advice: `Give --url and --token, set SB_API_ENDPOINT and SB_AUTH_TOKEN, write a profile to ${credentialsFile()}, or, on the machine of a running platform, set CAUSEWAY_DATA to its data directory (without it: .causeway in the current directory).`,
  });
