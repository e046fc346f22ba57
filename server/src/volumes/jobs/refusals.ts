import type { ErrorKind } from "@causeway/contract";
import { PASSING_FAULTS, VolumeError, type VolumeFault } from "@causeway/storage";
import { ApiError } from "../../http/errors.ts";
import { SecretUnreadable } from "../../secrets/secret-box.ts";
import { probeRefusal } from "../faults.ts";
import type { VolumeType } from "../services/service-shape.ts";

/** Whether the same may go well in a moment. */
export const mayPass = (error: unknown): boolean => error instanceof VolumeError && PASSING_FAULTS.has(error.fault);

/** Whether it is for `importRefusal` and `exportRefusal` to say what it means. */
export const isVolumeFault = (error: unknown): boolean => error instanceof VolumeError || error instanceof SecretUnreadable;

/** Faults of the service itself, whatever was asked of it: 9100 in a job (volumes.md §4). */
const OF_THE_SERVICE: ReadonlySet<VolumeFault> = new Set([
  ...PASSING_FAULTS,
  "AddressRefused",
  "Redirected",
  "BadAnswer",
  "ClockSkew",
  "StorageFull",
  "NotSupported",
  "NoSuchUpload",
  "PartsRefused",
  "BodyDamaged",
  "BadToken",
]);

const CREDENTIALS: ReadonlySet<VolumeFault> = new Set([
  "UnknownAccessKey",
  "WrongSecret",
  "InvalidCredentials",
  "InvalidPrivateKey",
  "RoleRefused",
]);

const OF_OBJECTS: Partial<Record<VolumeFault, ErrorKind>> = {
  NoSuchObject: "volumeObjectNotFound",
  ObjectExists: "volumeObjectExists",
  BadLocation: "volumeRequestInvalid",
  ReadOnly: "volumeNotWritable",
  NoSuchBucket: "volumeBucketNotFound",
  BodyCut: "volumeJobFileGone",
};

/** Why an import ends that met `error`; undefined for what is no fault of the volume's. Refused credentials are 90011. */
export function importRefusal(error: unknown): ApiError | undefined {
  if (error instanceof SecretUnreadable) return new ApiError("importFailed", error.message, { cause: error });
  if (!(error instanceof VolumeError)) return undefined;
  const kind = kindOf(error) ?? (CREDENTIALS.has(error.fault) ? "importFailed" : "volumeReadForbidden");
  return refused(kind, error);
}

/** The same of an export. What the service permits no more has the codes of the probe of a volume. */
export function exportRefusal(error: unknown, type: VolumeType): ApiError | undefined {
  if (error instanceof SecretUnreadable) return new ApiError("volumeJobServiceUnreachable", error.message, { cause: error });
  if (!(error instanceof VolumeError)) return undefined;
  const kind = kindOf(error);
  return kind ? refused(kind, error) : probeRefusal(error, type);
}

const kindOf = ({ fault }: VolumeError): ErrorKind | undefined =>
  OF_THE_SERVICE.has(fault) ? "volumeJobServiceUnreachable" : OF_OBJECTS[fault];

const refused = (kind: ErrorKind, error: VolumeError) => new ApiError(kind, `${error.message}.`, { cause: error });
