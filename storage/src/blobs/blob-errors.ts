/** Nothing is stored under this key. */
export class BlobMissing extends Error {
  override name = "BlobMissing";
  readonly key: string;
  constructor(key: string, options?: ErrorOptions) {
    super(`no blob ${key}`, options);
    this.key = key;
  }
}

/** The directory in which all blobs are is not there: a disk that is not mounted, say. Nothing is known of any blob. */
export class StoreAway extends Error {
  override name = "StoreAway";
  constructor(directory: string, options?: ErrorOptions) {
    super(`the directory of the blobs, ${directory}, is not there`, options);
  }
}

/** The upload was never opened, or was completed or removed. */
export class UploadMissing extends Error {
  override name = "UploadMissing";
  constructor(id: string, options?: ErrorOptions) {
    super(`no upload ${id}`, options);
  }
}

/** The parts named do not make a blob: a number is missing, or what is stored under it is not what was named. */
export class PartsRefused extends Error {
  override name = "PartsRefused";
}

/** The body of a part ended early or ran on. Nothing was changed. */
export class PartCut extends Error {
  override name = "PartCut";
  constructor(number: number, expected: number, received: number) {
    super(`part ${number} has ${received} bytes, not the ${expected} announced`);
  }
}

/** There is no room for these bytes. Nothing was changed; the call may be repeated when there is. */
export class StorageFull extends Error {
  override name = "StorageFull";
}

const FULL = new Set(["ENOSPC", "EDQUOT"]);

/** Whether `error`, or what caused it, says that a disk is full, or the store. */
export function isFull(error: unknown): boolean {
  for (let here = error; here instanceof Error; here = here.cause)
    if (here.name === "StorageFull" || FULL.has(codeOf(here) ?? "")) return true;
  return false;
}

/** The code of a system error (`ENOENT`, …), or undefined. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Says `StorageFull` for the system's ways of saying so; every other error is returned as it is. */
export function asStorageError(error: unknown): unknown {
  return FULL.has(codeOf(error) ?? "") ? new StorageFull("the disk is full", { cause: error }) : error;
}
