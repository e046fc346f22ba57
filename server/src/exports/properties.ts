import { checkExportProperties } from "../volumes/services/properties.ts";

const KEYS = ["sse_algorithm", "sse_aws_kms_key_id", "aws_canned_acl", "aws_storage_class"] as const;

/**
 * What an object is written with: the volume's properties, with the job's own over them key by key; a null switches one
 * off (volumes.md §1.4).
 *
 * @throws ApiError `volumeEncryptionInvalid`, `volumeCannedAclInvalid`, `volumeStorageClassInvalid`
 */
export function exportProperties(
  ofVolume: Readonly<Record<string, unknown>>,
  { sse_aws_kms_key_Id: spelledOtherwise, ...given }: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const own = spelledOtherwise === undefined ? given : { sse_aws_kms_key_id: spelledOtherwise, ...given };
  checkExportProperties(own);
  const both: Record<string, unknown> = { ...ofVolume, ...own };
  return Object.fromEntries(KEYS.filter((key) => both[key] !== undefined).map((key) => [key, both[key]]));
}
