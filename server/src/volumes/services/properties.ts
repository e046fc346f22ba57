import { X509Certificate } from "node:crypto";
import { ApiError } from "../../http/errors.ts";

/** Characters of the JSON text of all properties: some CA bundles are long. */
const CHARACTERS = 262_144;
const KEYS = 100;

/**
 * The properties of a service as they are stored: known ones in order, unknown ones as given, since they are nobody
 * else's to lose (volumes.md §1.4).
 *
 * @throws ApiError `volumeServiceInvalidAgain`
 */
export function checkedProperties(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { sse_aws_kms_key_Id: spelledOtherwise, ...others } = given;
  const properties: Record<string, unknown> = others;
  if (spelledOtherwise !== undefined) properties.sse_aws_kms_key_id ??= spelledOtherwise;
  if (Object.keys(properties).length > KEYS || JSON.stringify(properties).length > CHARACTERS)
    throw refused(`\`service.properties\` must have at most ${KEYS} keys and ${CHARACTERS} characters.`);
  for (const [name, value] of Object.entries(properties)) {
    if (SECRET.test(name))
      throw refused(`\`service.properties.${name}\` would be shown to everybody: secrets belong into credentials.`);
    if (value === null || !Object.hasOwn(FORMS, name)) continue;
    const { fits, must } = FORMS[name]!;
    if (!fits(value)) throw refused(`\`service.properties.${name}\` must be ${must}.`);
  }
  return properties;
}

/** Properties are shown: a secret that was put among them by mistake is not taken. */
const SECRET = /^(secret_access_key|private_key|client_secret|configuration|session_token|password)$/i;

const isText = (value: unknown): value is string => typeof value === "string";
const isOrigin = (value: unknown): boolean =>
  isText(value) && /^https?:$/.test(URL.parse(value)?.protocol ?? "") && URL.parse(value)?.username === "";

const FORMS: Record<string, { fits: (value: unknown) => boolean; must: string }> = {
  endpoint: { fits: (value) => isText(value), must: "a host or a URL" },
  region: { fits: (value) => isText(value) && /^[A-Za-z0-9-]{1,64}$/.test(value), must: "the name of a region" },
  path_style: { fits: (value) => booleanOf(value) !== undefined, must: "true or false" },
  list_version: { fits: (value) => ["1", "2"].includes(String(value)), must: "1 or 2" },
  token_url: { fits: isOrigin, must: "an http or https URL" },
  authority: { fits: isOrigin, must: "an http or https URL" },
  public_endpoint: { fits: isOrigin, must: "an http or https URL, or null" },
  ca_bundle_pem: { fits: (value) => isText(value) && isBundle(value), must: "certificates in PEM" },
  sse_aws_kms_key_id: { fits: (value) => isText(value) && /^[\x21-\x7e]{1,2048}$/.test(value), must: "the id of a key" },
};

/** A boolean, also as older clients write it. */
export function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  const word = isText(value) ? value.toLowerCase() : "";
  return word === "true" ? true : word === "false" ? false : undefined;
}

function isBundle(text: string): boolean {
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  try {
    for (const pem of certificates ?? []) new X509Certificate(pem);
    return certificates !== null;
  } catch {
    return false;
  }
}

const ACLS = [
  "private",
  "public-read",
  "public-read-write",
  "authenticated-read",
  "aws-exec-read",
  "bucket-owner-read",
  "bucket-owner-full-control",
];

/**
 * The properties of what is written to S3: of a volume, and of a single export (§1.4). Null switches one off.
 *
 * @throws ApiError `volumeEncryptionInvalid`, `volumeCannedAclInvalid`, `volumeStorageClassInvalid`
 */
export function checkExportProperties(properties: Readonly<Record<string, unknown>>): void {
  const { sse_algorithm: encryption, aws_canned_acl: acl, aws_storage_class: storageClass } = properties;
  const isOneOf = (value: unknown, words: readonly string[]) =>
    value === undefined || value === null || words.includes(value as string);
  if (!isOneOf(acl, ACLS)) throw new ApiError("volumeCannedAclInvalid", `It must be one of ${ACLS.join(", ")}, or null.`);
  if (!isOneOf(encryption, ["AES256", "aws:kms"]))
    throw new ApiError("volumeEncryptionInvalid", "It must be AES256, aws:kms, or null for none.");
  if (!isOneOf(storageClass, ["STANDARD", "GLACIER"]))
    throw new ApiError("volumeStorageClassInvalid", "It must be STANDARD or GLACIER, or null.");
}

const refused = (detail: string) => new ApiError("volumeServiceInvalidAgain", detail);
