import { VolumeError } from "./volume-errors.ts";

const LIMIT = 1024;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Whether `text` can be a location or the beginning of one: see the promises of `VolumeStore`. */
function isPlain(text: string): boolean {
  return (
    text.isWellFormed() &&
    Buffer.byteLength(text) <= LIMIT &&
    !CONTROL.test(text) &&
    !text.split("/").some((segment) => segment === "." || segment === "..")
  );
}

/** Whether `text` is a location as lists show them. */
export function isLocation(text: string): boolean {
  return text !== "" && !text.startsWith("/") && isPlain(text);
}

/** A location without leading slashes. Throws `BadLocation`. */
function checkLocation(location: string): string {
  const stripped = checkPrefix(location);
  if (stripped === "") throw new VolumeError("BadLocation", { detail: "it is empty" });
  return stripped;
}

/** The beginning of locations, without leading slashes; may be empty. Throws `BadLocation`. */
export function checkPrefix(prefix: string): string {
  if (!isPlain(prefix)) {
    throw new VolumeError("BadLocation", { detail: "it is too long, or has a control character or a segment . or .." });
  }
  return prefix.replace(/^\/+/, "");
}

/** Where locations lie in a bucket: the volume's prefix and a slash before them, or nothing (volumes.md §1.3, key rule). */
export class KeySpace {
  readonly #base: string;

  constructor(prefix: string | undefined) {
    const trimmed = checkPrefix(prefix ?? "").replace(/\/+$/, "");
    this.#base = trimmed === "" ? "" : `${trimmed}/`;
  }

  keyOf(location: string): string {
    return this.#whole(checkLocation(location));
  }

  keysFrom(prefix: string): string {
    return this.#whole(checkPrefix(prefix));
  }

  /** The location of a key that a list has shown, or undefined when it cannot be asked for. */
  locationOf(key: string): string | undefined {
    if (!key.startsWith(this.#base) || Buffer.byteLength(key) > LIMIT) return undefined;
    const location = key.slice(this.#base.length);
    return isLocation(location) ? location : undefined;
  }

  #whole(location: string): string {
    const key = this.#base + location;
    if (Buffer.byteLength(key) > LIMIT)
      throw new VolumeError("BadLocation", { detail: `with the prefix it has more than ${LIMIT} bytes` });
    return key;
  }
}
