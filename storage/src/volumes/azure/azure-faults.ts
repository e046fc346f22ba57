import { faultOfStatus } from "../net/status-faults.ts";
import type { VolumeAction, VolumeFault } from "../volume-errors.ts";
import { VolumeError } from "../volume-errors.ts";

/** The error codes of Azure's storage, each with the fault it is. */
const FAULT_OF_CODE: Record<string, VolumeFault> = {
  ContainerNotFound: "NoSuchBucket",
  ContainerBeingDeleted: "NoSuchBucket",
  ContainerDisabled: "NoSuchBucket",
  BlobNotFound: "NoSuchObject",
  ResourceNotFound: "NoSuchObject",
  AuthenticationFailed: "InvalidCredentials",
  InvalidAuthenticationInfo: "InvalidCredentials",
  NoAuthenticationInformation: "InvalidCredentials",
  AuthorizationFailure: "AccessDenied",
  AuthorizationPermissionMismatch: "AccessDenied",
  AuthorizationProtocolMismatch: "AccessDenied",
  AuthorizationResourceTypeMismatch: "AccessDenied",
  AuthorizationServiceMismatch: "AccessDenied",
  AuthorizationSourceIPMismatch: "AccessDenied",
  InsufficientAccountPermissions: "AccessDenied",
  PublicAccessNotPermitted: "AccessDenied",
  AccountIsDisabled: "AccessDenied",
  BlobAlreadyExists: "ObjectExists",
  BlobArchived: "Archived",
  BlobBeingRehydrated: "Archived",
  ServerBusy: "Throttled",
  OperationTimedOut: "Timeout",
  InternalError: "ServiceFault",
  InvalidBlockList: "PartsRefused",
  InvalidBlockId: "PartsRefused",
  InvalidBlobOrBlock: "PartsRefused",
  BlockListTooLong: "PartsRefused",
  BlockCountExceedsLimit: "PartsRefused",
  Md5Mismatch: "BodyDamaged",
  InvalidResourceName: "BadLocation",
  AccessTierNotSupportedForBlobType: "PropertyRefused",
};

/** A `VolumeError` for an answer with this status, and the code in its `x-ms-error-code`. */
export function azureFault(action: VolumeAction, status: number, code: string | undefined): VolumeError {
  const context = { action, status, code };
  if (status === 412 || status === 304) return new VolumeError(action === "read" ? "ObjectChanged" : "ObjectExists", context);
  return new VolumeError((code === undefined ? undefined : FAULT_OF_CODE[code]) ?? faultOfStatus(status), context);
}

/** For whatever a call of the client library has thrown: an answer that is an error, or one that it could not read. */
export function asAzureFault(error: unknown, action: VolumeAction): VolumeError {
  if (error instanceof VolumeError) return error.of(action);
  const { statusCode, code, response } = (error ?? {}) as {
    statusCode?: unknown;
    code?: unknown;
    response?: { headers?: { get?(name: string): string | undefined } };
  };
  if (typeof statusCode !== "number" || statusCode < 300)
    return new VolumeError("BadAnswer", { action, detail: "it cannot be read" });
  const said = response?.headers?.get?.("x-ms-error-code") ?? code;
  return azureFault(action, statusCode, typeof said === "string" ? said : undefined);
}
