import type { VolumeFault } from "../volume-errors.ts";

/** By status, for answers without an error code that we know. */
export function faultOfStatus(status: number): VolumeFault {
  if (status >= 300 && status < 400) return "Redirected";
  if (status === 401) return "InvalidCredentials";
  if (status === 403) return "AccessDenied";
  if (status === 404) return "NoSuchObject";
  if (status === 408) return "Timeout";
  if (status === 429 || status === 503) return "Throttled";
  if (status === 501) return "NotSupported";
  if (status === 507) return "StorageFull";
  if (status >= 500) return "ServiceFault";
  return status >= 400 ? "Refused" : "BadAnswer";
}
