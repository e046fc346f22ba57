import type { ErrorKind } from "@causeway/contract";
import { type VolumeAction, VolumeError, type VolumeFault } from "@causeway/storage";
import { ApiError } from "../http/errors.ts";
import type { VolumeType } from "./services/service-shape.ts";

/** Faults that mean the same whatever was asked. */
const ALWAYS: Partial<Record<VolumeFault, ErrorKind>> = {
  Unreachable: "volumeServiceUnreachable",
  Timeout: "volumeServiceUnreachable",
  Redirected: "volumeServiceUnreachable",
  BadAnswer: "volumeServiceUnreachable",
  Throttled: "volumeServiceUnreachable",
  ServiceFault: "volumeServiceUnreachable",
  ClockSkew: "volumeServiceUnreachable",
  NoSuchBucket: "volumeBucketNotFound",
};

/** What the probe of a service finds wrong with what was given (volumes.md §2.1). */
const OF_A_PROBE: Partial<Record<VolumeFault, ErrorKind>> = {
  AddressRefused: "volumeServiceInvalid",
  BadSettings: "volumeServiceInvalid",
  BadLocation: "volumeServiceInvalid",
  WrongRegion: "volumeServiceInvalid",
  InvalidPrivateKey: "volumePrivateKeyInvalid",
  RoleRefused: "volumeRoleInvalid",
};

/** What a call that reads finds. */
const OF_A_READ: Partial<Record<VolumeFault, ErrorKind>> = {
  NoSuchObject: "volumeObjectNotFound",
  BadLocation: "volumeRequestInvalid",
  BadToken: "scrollTokenInvalid",
  AddressRefused: "volumeServiceUnreachable",
};

/** Services whose rights have codes of their own; of the others only reading and writing are told apart. */
const FINE: ReadonlySet<VolumeType> = new Set(["S3", "LOCAL"]);
const SPEAKS_S3: ReadonlySet<VolumeType> = new Set(["S3", "OSS"]);

const RIGHT_OF: Record<VolumeAction, ErrorKind> = {
  list: "volumeListForbidden",
  read: "volumeObjectReadForbidden",
  write: "volumeObjectWriteForbidden",
  remove: "volumeObjectWriteForbidden",
  readAcl: "volumeAclReadForbidden",
  signIn: "volumeListForbidden",
};

/** What a service says of the properties of an object that was written to it. */
function propertyKind(code: string | undefined): ErrorKind | undefined {
  if (code === "AccessControlListNotSupported") return "volumeCannedAclInvalid";
  if (code === "InvalidStorageClass") return "volumeStorageClassInvalid";
  return code?.startsWith("InvalidEncryption") || code?.startsWith("KMS.") ? "volumeEncryptionInvalid" : undefined;
}

/** The refusal of a volume whose probe met `error`; an error that is none of a volume's is thrown as it is. */
export function probeRefusal(error: unknown, type: VolumeType): ApiError {
  const fault = asVolumeError(error);
  return new ApiError(probeKind(fault, type), detailOf(fault), { cause: error });
}

function probeKind({ fault, action = "list", code }: VolumeError, type: VolumeType): ErrorKind {
  const known = ALWAYS[fault] ?? OF_A_PROBE[fault];
  if (known) return known;
  if (SPEAKS_S3.has(type)) {
    if (fault === "UnknownAccessKey" || fault === "InvalidCredentials") return "volumeAccessKeyUnknown";
    if (fault === "WrongSecret") return "volumeSecretWrong";
  }
  if (fault === "PropertyRefused") return propertyKind(code) ?? "volumeObjectWriteForbidden";
  if (FINE.has(type)) return RIGHT_OF[action];
  return action === "write" || action === "remove" ? "volumeCrossWriteForbidden" : "volumeReadForbidden";
}

/** The refusal of a call that reads what is on a volume (§2.6, §2.7); an error that is none of a volume's is thrown as it is. */
export function readRefusal(error: unknown): ApiError {
  const fault = asVolumeError(error);
  const kind = ALWAYS[fault.fault] ?? OF_A_READ[fault.fault] ?? "volumeReadForbidden";
  return new ApiError(kind, detailOf(fault), { cause: error });
}

/** A volume's fault; the end of the time that a call has counts as one. */
function asVolumeError(error: unknown): VolumeError {
  if (error instanceof VolumeError) return error;
  if (error instanceof DOMException && error.name === "TimeoutError") return new VolumeError("Timeout");
  throw error;
}

const detailOf = ({ message }: VolumeError): string => `${message}.`;
