import { randomBytes } from "node:crypto";

const SUFFIX = /^\..*\.causeway-([0-9a-f]{32})(\.parts)?$/;
const NAME_BYTES = 255;

export function newWriteId(): string {
  return randomBytes(16).toString("hex");
}

/** The name under which a file is written before it has its own, in the same directory: `.<name>.causeway-<id>`. */
export function temporaryName(name: string, id: string): string {
  const suffix = `.causeway-${id}`;
  let kept = name;
  while (Buffer.byteLength(`.${kept}${suffix}.parts`) > NAME_BYTES) kept = kept.slice(0, -1);
  return `.${kept.toWellFormed()}${suffix}`;
}

/** Beside it: which parts of an upload are stored. */
export function journalName(name: string, id: string): string {
  return `${temporaryName(name, id)}.parts`;
}

export function isOurTemporary(name: string): boolean {
  return SUFFIX.test(name);
}

/** The id of an upload of the file `name`, if `temporary` is its journal. */
export function uploadOf(temporary: string, name: string): string | undefined {
  const [, id, isJournal] = SUFFIX.exec(temporary) ?? [];
  return id !== undefined && isJournal && temporary === journalName(name, id) ? id : undefined;
}
