import { openVolume, probeVolume, type VolumeStore, type WriteOptions } from "@causeway/storage";
import { ApiError } from "../http/errors.ts";
import { probeRefusal } from "./faults.ts";
import { isAllowedHost } from "./services/allowed-hosts.ts";
import { isAws } from "./services/check-s3.ts";
import type { VolumeDeployment } from "./services/deployment.ts";
import type { AccessMode, Service } from "./services/service-shape.ts";
import { connectionOf, storeSettingsOf } from "./services/store-settings.ts";

/** Refuses settings that no store can be opened with, without a request. @throws ApiError as `probe` */
export async function checkOpens(service: Service, deployment: VolumeDeployment): Promise<void> {
  if (service.type === "LOCAL" || service.credentials.configuration !== undefined) return;
  (await opened(service, deployment)).close();
}

/**
 * Asks the service itself whether it does what the volume is for (volumes.md §2.1): list, read and, with `RW`, write and
 * remove. No database connection should be held meanwhile: it may take all the time that a call has.
 *
 * @throws ApiError `volumeServiceUnreachable`, `volumeServiceInvalid` for an address that is not allowed, and 9200-9207
 */
export async function probe(service: Service, mode: AccessMode, deployment: VolumeDeployment): Promise<void> {
  const store = await opened(service, deployment);
  try {
    const acl = mode === "RW" && service.type === "S3";
    const wantsAcl = typeof service.properties.aws_canned_acl === "string";
    await probeVolume(store, {
      write: mode === "RW" && deployment.writeProbe,
      // Where access lists are not the user's wish, only Amazon's own are looked at.
      acl: acl && (wantsAcl || isAws(service.endpoint)),
      aclRequired: wantsAcl,
      as: writeOptionsOf(service.properties),
      signal: AbortSignal.timeout(deployment.answerMs),
    });
  } catch (error) {
    throw probeRefusal(error, service.type);
  } finally {
    store.close();
  }
}

async function opened(service: Service, deployment: VolumeDeployment): Promise<VolumeStore> {
  try {
    return await openVolume(storeSettingsOf(service, deployment), connectionOf(service, deployment));
  } catch (error) {
    throw probeRefusal(error, service.type);
  }
}

/** How an object is written with these properties of a volume or of an export (§1.4). */
export function writeOptionsOf(properties: Readonly<Record<string, unknown>>): WriteOptions {
  const { sse_algorithm: algorithm, sse_aws_kms_key_id: kmsKeyId, aws_canned_acl: acl, aws_storage_class: storage } = properties;
  return {
    ...(algorithm === "AES256" ? { encryption: { algorithm } } : {}),
    ...(algorithm === "aws:kms" ? { encryption: { algorithm, ...(typeof kmsKeyId === "string" ? { kmsKeyId } : {}) } } : {}),
    ...(typeof acl === "string" ? { cannedAcl: acl } : {}),
    ...(typeof storage === "string" ? { storageClass: storage } : {}),
  };
}

/** Where a probe is refused before a connection: the deployment's own rules. */
export function refuseByPolicy(
  { type, bucket, endpoint, credentials }: Service,
  mode: AccessMode,
  { types, readOnlyTypes, writableHosts, roots }: VolumeDeployment,
): void {
  if (!types.has(type)) throw new ApiError("volumeServiceInvalid", `Volumes of type ${type} are not allowed here.`);
  if (credentials.configuration !== undefined) throw new ApiError("volumeFederationForbidden");
  if (mode === "RO") return;
  if (readOnlyTypes.has(type)) throw new ApiError(READ_ONLY[type]);
  if (type === "LOCAL") {
    if (roots.get(bucket)?.mode === "RO")
      throw new ApiError("volumeCrossWriteForbidden", "This directory is declared to be read-only.");
  } else if (writableHosts && !isAllowedHost(writableHosts, endpoint)) {
    throw new ApiError("volumeRegionReadOnly", `Volumes can be written to at ${writableHosts.join(", ")} alone.`);
  }
}

const READ_ONLY = {
  S3: "volumeS3ReadOnly",
  GCS: "volumeGcsReadOnly",
  AZURE: "volumeAzureReadOnly",
  OSS: "volumeOssReadOnly",
  LOCAL: "volumeCrossWriteForbidden",
} as const;
