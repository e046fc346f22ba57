import { codeOf } from "../../blobs/blob-errors.ts";
import type { VolumeAction, VolumeFault } from "../volume-errors.ts";
import { VolumeError } from "../volume-errors.ts";

const FAULT_OF_CODE: Record<string, VolumeFault> = {
  ENOENT: "NoSuchObject",
  ENOTDIR: "NoSuchObject",
  EISDIR: "NoSuchObject",
  ELOOP: "NoSuchObject",
  ENAMETOOLONG: "BadLocation",
  EINVAL: "BadLocation",
  EILSEQ: "BadLocation",
  EACCES: "AccessDenied",
  EPERM: "AccessDenied",
  EROFS: "ReadOnly",
  EEXIST: "ObjectExists",
  ENOSPC: "StorageFull",
  EDQUOT: "StorageFull",
  EFBIG: "StorageFull",
  // A share that is gone, and a disk that fails.
  ESTALE: "Unreachable",
  EIO: "Unreachable",
  ENXIO: "Unreachable",
  ENODEV: "Unreachable",
  ENOTCONN: "Unreachable",
  EHOSTDOWN: "Unreachable",
  ECONNRESET: "Unreachable",
  ETIMEDOUT: "Timeout",
  EMFILE: "Throttled",
  ENFILE: "Throttled",
  EAGAIN: "Throttled",
};

/** What the system says, in the words of volumes; what it has not said is returned as it is. */
export function asLocalFault(error: unknown, action: VolumeAction): unknown {
  if (error instanceof VolumeError) return error.of(action);
  const code = codeOf(error);
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  return new VolumeError(FAULT_OF_CODE[code] ?? "ServiceFault", { action, code });
}
