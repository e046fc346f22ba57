import { faultOfStatus } from "../net/status-faults.ts";
import type { VolumeAction, VolumeFault } from "../volume-errors.ts";
import { VolumeError } from "../volume-errors.ts";

/** The error codes of S3 and its family, each with the fault it is. */
const FAULT_OF_CODE: Record<string, VolumeFault> = {
  NoSuchBucket: "NoSuchBucket",
  NoSuchKey: "NoSuchObject",
  NotFound: "NoSuchObject",
  NoSuchVersion: "NoSuchObject",
  NoSuchUpload: "NoSuchUpload",
  InvalidAccessKeyId: "UnknownAccessKey",
  SignatureDoesNotMatch: "WrongSecret",
  ExpiredToken: "InvalidCredentials",
  InvalidToken: "InvalidCredentials",
  InvalidSecurity: "InvalidCredentials",
  InvalidClientTokenId: "InvalidCredentials",
  NotSignedUp: "InvalidCredentials",
  RequestTimeTooSkewed: "ClockSkew",
  RequestExpired: "ClockSkew",
  AccessDenied: "AccessDenied",
  AllAccessDisabled: "AccessDenied",
  AccountProblem: "AccessDenied",
  Forbidden: "AccessDenied",
  PermanentRedirect: "WrongRegion",
  TemporaryRedirect: "Redirected",
  Redirect: "Redirected",
  IllegalLocationConstraintException: "WrongRegion",
  AuthorizationHeaderMalformed: "WrongRegion",
  InvalidObjectState: "Archived",
  SlowDown: "Throttled",
  SlowDownRead: "Throttled",
  SlowDownWrite: "Throttled",
  Throttling: "Throttled",
  ThrottlingException: "Throttled",
  RequestLimitExceeded: "Throttled",
  TooManyRequests: "Throttled",
  InternalError: "ServiceFault",
  OperationAborted: "ServiceFault",
  RequestTimeout: "Timeout",
  NotImplemented: "NotSupported",
  MethodNotAllowed: "NotSupported",
  InvalidPart: "PartsRefused",
  InvalidPartOrder: "PartsRefused",
  EntityTooSmall: "PartsRefused",
  EntityTooLarge: "PartsRefused",
  AccessControlListNotSupported: "PropertyRefused",
  InvalidStorageClass: "PropertyRefused",
  InvalidEncryptionAlgorithmError: "PropertyRefused",
  InvalidEncryptionMethodError: "PropertyRefused",
  BadDigest: "BodyDamaged",
  InvalidDigest: "BodyDamaged",
  XAmzContentSHA256Mismatch: "BodyDamaged",
  IncompleteBody: "BodyCut",
  InvalidBucketName: "BadSettings",
  QuotaExceeded: "StorageFull",
  InsufficientStorage: "StorageFull",
  InsufficientCapacity: "StorageFull",
  XMinioStorageFull: "StorageFull",
};

/** What the SDK throws for an answer that is an error; read by its form, because the answer is not to be trusted. */
interface SdkError {
  name?: unknown;
  $metadata?: { httpStatusCode?: unknown };
  $response?: { headers?: Record<string, string> };
  Region?: unknown;
}

/**
 * A `VolumeError` for whatever an SDK call has thrown. What is not an answer of the service, with its status, is an
 * answer that the SDK could not read.
 */
export function asS3Fault(error: unknown, action: VolumeAction): VolumeError {
  if (error instanceof VolumeError) return error.of(action);
  const { name, $metadata, $response, Region } = (error ?? {}) as SdkError;
  const status = typeof $metadata?.httpStatusCode === "number" ? $metadata.httpStatusCode : undefined;
  const code = typeof name === "string" ? name : undefined;
  if (status === undefined || status < 300) {
    // A completion answers 200 and an error in its body, for which the SDK has the code but sometimes no status.
    const known = code === undefined ? undefined : FAULT_OF_CODE[code];
    return new VolumeError(known ?? "BadAnswer", {
      action,
      status,
      code: known && code,
      detail: known ? undefined : "it cannot be read",
    });
  }
  const region = $response?.headers?.["x-amz-bucket-region"] ?? Region;
  const context = { action, status, code, region: typeof region === "string" ? region : undefined };
  if (status === 412 || code === "PreconditionFailed" || code === "ConditionalRequestConflict") {
    return new VolumeError(action === "read" ? "ObjectChanged" : "ObjectExists", context);
  }
  if (code?.startsWith("KMS.")) return new VolumeError("PropertyRefused", context);
  if (context.region !== undefined && (status === 301 || status === 400)) return new VolumeError("WrongRegion", context);
  const fault = (code === undefined ? undefined : FAULT_OF_CODE[code]) ?? faultOfStatus(status);
  if (code === "AuthorizationHeaderMalformed" && context.region === undefined) return new VolumeError("WrongRegion", context);
  return new VolumeError(fault === "PropertyRefused" && action === "readAcl" ? "NotSupported" : fault, context);
}
