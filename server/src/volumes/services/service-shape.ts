import type { BodyOf, Operations, VOLUME_TYPES } from "@causeway/contract";

export type VolumeType = (typeof VOLUME_TYPES)[number];
export type AccessMode = "RO" | "RW";

/** What of the credentials may be shown. */
const SHOWN_KEYS = ["access_key_id", "role_arn", "external_id", "client_email", "tenant_id", "client_id"] as const;
/** What is never shown. */
const SECRET_KEYS = ["secret_access_key", "private_key", "configuration", "client_secret"] as const;

export type ShownCredentials = Partial<Record<(typeof SHOWN_KEYS)[number], string>>;
export type Secrets = Partial<Record<(typeof SECRET_KEYS)[number], string>>;
export type Credentials = ShownCredentials & Secrets;

/** A service without its secrets, as it is stored. `""` for a name that the type does not have. */
export interface ShownService {
  type: VolumeType;
  bucket: string;
  storage_account?: string;
  prefix: string;
  /** Of GCS: what the API calls `root_url`. */
  endpoint: string;
  credentials: ShownCredentials;
  properties: Record<string, unknown>;
}

/** A service with its secrets, checked: it makes sense in itself. */
export interface Service extends Omit<ShownService, "credentials"> {
  credentials: Credentials;
}

export type GivenService = BodyOf<Operations["createVolume"]>["service"];
export type ServiceChange = NonNullable<BodyOf<Operations["updateVolume"]>["service"]>;

/** The two parts that are stored: what may be shown, and what is encrypted. */
export function split({ credentials, ...service }: Service): { shown: ShownService; secrets: Secrets } {
  return {
    shown: { ...service, credentials: picked(credentials, SHOWN_KEYS) },
    secrets: picked(credentials, SECRET_KEYS),
  };
}

/** The two parts together again. */
export function joined({ credentials, ...service }: ShownService, secrets: Secrets): Service {
  return { ...service, credentials: { ...credentials, ...secrets } };
}

/** The ways to sign in that exclude each other: a change that brings a key of the one drops those of the other. */
const VARIANTS: Partial<Record<VolumeType, readonly (readonly (keyof Credentials)[])[]>> = {
  S3: [
    ["access_key_id", "secret_access_key"],
    ["role_arn", "external_id"],
  ],
  GCS: [["client_email", "private_key"], ["configuration"]],
};

/** What is given changes, at any depth; the rest stays (volumes.md §2.4). A property that is null is one: "switched off". */
export function merged(current: GivenService, { credentials = {}, properties, ...change }: ServiceChange): GivenService {
  const variants = VARIANTS[current.type] ?? [];
  const wanted = variants.find((keys) => keys.some((key) => credentials[key] !== undefined));
  const dropped = wanted === undefined ? [] : variants.filter((keys) => keys !== wanted).flat();
  const kept = Object.fromEntries(
    Object.entries(current.credentials ?? {}).filter(([key]) => !(dropped as readonly string[]).includes(key)),
  );
  // The Python client can only name an endpoint among the properties: the newer of the two counts.
  const { endpoint, ...rest } = current;
  const keepsEndpoint = endpoint !== undefined && typeof properties?.endpoint !== "string";
  return {
    ...rest,
    ...(keepsEndpoint ? { endpoint } : {}),
    ...change,
    credentials: { ...kept, ...credentials },
    properties: { ...current.properties, ...properties },
  };
}

function picked<Key extends string>(from: Partial<Record<Key, string>>, keys: readonly Key[]): Partial<Record<Key, string>> {
  const found = keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]] as const]));
  return Object.fromEntries(found) as Partial<Record<Key, string>>;
}
