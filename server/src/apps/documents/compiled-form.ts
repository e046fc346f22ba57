import { setImmediate as nextTurn } from "node:timers/promises";
import { deserialize, serialize } from "node:v8";

/**
 * The engine's form of a document on its way from the thread that compiled it. It may have hundreds of thousands of objects:
 * read at once it would keep the thread waiting that answers requests. So it comes in pieces, each read within milliseconds.
 * What stands in several places (the tool of many steps, a named type) stays one object.
 */
export type CompiledPieces = readonly Uint8Array<ArrayBuffer>[];

/** Values of lists and objects in one piece: some milliseconds of reading. */
const VALUES_IN_PIECE = 10_000;

type Container = unknown[] | { [key: string]: unknown };

interface Piece {
  /** The containers that are first named in this piece, in the order of their numbers. */
  made: ("list" | "object")[];
  /** What stands in them: the container's number, the key, 1 if what follows is the number of a container, and the value. */
  values: unknown[];
}

/** Plain data as pieces: lists, objects, and whatever is neither. */
export function packed(root: object): CompiledPieces {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const numbers = new Map<object, number>();
  const open: Container[] = [];
  let piece: Piece = { made: [], values: [] };
  const finish = () => {
    pieces.push(Uint8Array.from(serialize(piece)));
    piece = { made: [], values: [] };
  };
  const numberOf = (container: Container): number => {
    const known = numbers.get(container);
    if (known !== undefined) return known;
    const number = numbers.size;
    numbers.set(container, number);
    piece.made.push(Array.isArray(container) ? "list" : "object");
    open.push(container);
    return number;
  };
  numberOf(root as Container);
  for (let container = open.pop(); container; container = open.pop()) {
    const holder = numbers.get(container)!;
    const keys = Array.isArray(container) ? container.keys() : Object.keys(container);
    for (const key of keys) {
      const value = (container as { [key: string | number]: unknown })[key];
      if (isContainer(value)) piece.values.push(holder, key, 1, numberOf(value));
      else piece.values.push(holder, key, 0, value);
      if (piece.values.length >= 4 * VALUES_IN_PIECE) finish();
    }
  }
  finish();
  return pieces;
}

/** What was packed. Between two pieces everything else gets its turn. */
export async function unpacked(pieces: CompiledPieces): Promise<object> {
  const containers: Container[] = [];
  for (const bytes of pieces) {
    const { made, values } = deserialize(bytes) as Piece;
    for (const what of made) containers.push(what === "list" ? [] : {});
    for (let at = 0; at < values.length; at += 4) {
      const holder = containers[values[at] as number] as { [key: string | number]: unknown };
      const value = values[at + 2] === 1 ? containers[values[at + 3] as number] : values[at + 3];
      put(holder, values[at + 1] as string | number, value);
    }
    await nextTurn();
  }
  return containers[0]!;
}

/** A key of a document may be any text: `__proto__` is one like others. */
function put(holder: { [key: string | number]: unknown }, key: string | number, value: unknown): void {
  if (key !== "__proto__") holder[key] = value;
  else Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function isContainer(value: unknown): value is Container {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
