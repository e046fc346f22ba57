import { type Patience, retrying } from "../retrying.ts";
import { PASSING_FAULTS, VolumeError } from "./volume-errors.ts";
import type { CallOptions, VolumeStore } from "./volume-store.ts";

const passes = (error: unknown): boolean => error instanceof VolumeError && PASSING_FAULTS.has(error.fault);

/**
 * The same store, asked again after a passing fault: with a pause that doubles, and that differs from caller to caller, so
 * that a service which asks for fewer requests gets fewer. Writes too, because a body can be opened again. A put with
 * `ifAbsent` whose answer was lost may find its own object when it is repeated: it throws `ObjectExists` then, and who must
 * know looks at the object's metadata.
 */
export function withVolumeRetries(store: VolumeStore, patience: Patience = { attempts: 4, pause: 250 }): VolumeStore {
  const again = <Answer>(options: CallOptions | undefined, ask: () => Promise<Answer>) =>
    retrying(ask, patience, { passes, spread: true, signal: options?.signal });
  const { signRead, listUploads, readAcl, putFile, openFile } = store;
  return {
    service: store.service,
    list: (from, options) => again(options, () => store.list(from, options)),
    stat: (location, options) => again(options, () => store.stat(location, options)),
    open: (location, options) => again(options, () => store.open(location, options)),
    put: (location, body, options) => again(options, () => store.put(location, body, options)),
    remove: (location, options) => again(options, () => store.remove(location, options)),
    openUpload: (location, size, options) => again(options, () => store.openUpload(location, size, options)),
    writePart: (upload, number, body, options) => again(options, () => store.writePart(upload, number, body, options)),
    listParts: (upload, options) => again(options, () => store.listParts(upload, options)),
    completeUpload: (upload, parts, options) => again(options, () => store.completeUpload(upload, parts, options)),
    removeUpload: (upload, options) => again(options, () => store.removeUpload(upload, options)),
    ...(signRead && {
      signRead: (location, seconds, as, options) => again(options, () => signRead.call(store, location, seconds, as, options)),
    }),
    ...(listUploads && { listUploads: (location, options) => again(options, () => listUploads.call(store, location, options)) }),
    ...(readAcl && { readAcl: (location, options) => again(options, () => readAcl.call(store, location, options)) }),
    ...(putFile && { putFile: (location, path, options) => again(options, () => putFile.call(store, location, path, options)) }),
    ...(openFile && { openFile: (location) => again(undefined, () => openFile.call(store, location)) }),
    close: () => store.close(),
  };
}
