import { readFile } from "node:fs/promises";
import { text as textOf } from "node:stream/consumers";
import type { BodyOf, Operations } from "@causeway/contract";
import { CliError, EXIT } from "../exit.ts";

/** What the commands `volume create` and `volume update` take of a service. */
export interface ServiceOptions {
  bucket?: string;
  prefix?: string;
  endpoint?: string;
  storageAccount?: string;
  credentials?: string;
  property?: string[];
}

type Service = NonNullable<BodyOf<Operations["updateVolume"]>["service"]>;
type Credentials = NonNullable<Service["credentials"]>;

const KEYS: readonly (keyof Credentials)[] = [
  "access_key_id",
  "secret_access_key",
  "role_arn",
  "external_id",
  "client_email",
  "private_key",
  "configuration",
  "tenant_id",
  "client_id",
  "client_secret",
];

/** The service that the options say. @throws CliError */
export async function serviceFrom(options: ServiceOptions, type?: string): Promise<Service> {
  const { bucket, prefix, endpoint, storageAccount } = options;
  const credentials = options.credentials === undefined ? fromEnvironment(type) : await credentialsIn(options.credentials);
  const properties = propertiesOf(options.property ?? []);
  return {
    ...(bucket === undefined ? {} : { bucket }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(endpoint === undefined ? {} : type === "gcs" ? { root_url: endpoint } : { endpoint }),
    ...(storageAccount === undefined ? {} : { storage_account: storageAccount }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
  };
}

/** Credentials of a JSON file, `-` being stdin; the key file of a Google service account is one. */
async function credentialsIn(file: string): Promise<Credentials> {
  let given: unknown;
  try {
    given = JSON.parse(file === "-" ? await textOf(process.stdin) : await readFile(file, "utf8"));
  } catch (error) {
    // What JSON.parse says may quote the file.
    const why = error instanceof SyntaxError ? "it is no JSON" : (error as Error).message;
    throw new CliError(`The credentials in ${file} cannot be read: ${why}.`, { exit: EXIT.usage });
  }
  const found = KEYS.flatMap((key) => {
    const value = (given as Record<string, unknown> | null)?.[key];
    return typeof value === "string" ? [[key, value] as const] : [];
  });
  // A service account's file has a `client_id` as well, which is no part of its credentials.
  const wanted = found.some(([key]) => key === "private_key") ? found.filter(([key]) => key !== "client_id") : found;
  if (wanted.length === 0)
    throw new CliError(`${file} has no credentials.`, {
      exit: EXIT.usage,
      advice: `It is a JSON object with keys such as ${KEYS.join(", ")}.`,
    });
  return Object.fromEntries(wanted);
}

/** Where the tools of the services look, too. */
function fromEnvironment(type: string | undefined): Credentials | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = process.env;
  if (type === "s3" || type === "oss") return id && secret ? { access_key_id: id, secret_access_key: secret } : undefined;
  const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client, AZURE_CLIENT_SECRET: word } = process.env;
  if (type !== "azure" || !tenant || !client || !word) return undefined;
  return { tenant_id: tenant, client_id: client, client_secret: word };
}

/** `key=value`; a value that is JSON counts as that: `true`, `1`, `null`. */
function propertiesOf(given: readonly string[]): Record<string, unknown> {
  const entries = given.map((text): [string, unknown] => {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (key === undefined || value === undefined)
      throw new CliError(`${text} is no property: write key=value.`, { exit: EXIT.usage });
    return [key, plainValue(value)];
  });
  return Object.fromEntries(entries);
}

function plainValue(text: string): unknown {
  return /^(true|false|null|-?\d+)$/.test(text) ? JSON.parse(text) : text;
}
