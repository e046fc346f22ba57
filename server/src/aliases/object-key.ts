import { sql } from "kysely";

/** What an object on a volume is called where the key of a blob would be: its volume, and its location in hex. */
const OBJECT_KEY = /^object\.([0-9a-f-]{36})\.((?:[0-9a-f]{2})+)$/;

/** Of a row of `files`: the key of its blob, or that of the object it is an alias of; null for a folder. */
export const BYTES_KEY = sql<string | null>`coalesce(files.blob_key,
  'object.' || files.volume_id || '.' || encode(convert_to(files.location, 'UTF8'), 'hex'))`;

/** The object that a key names; undefined for the key of a blob. */
export function parseObjectKey(key: string): { volumeId: string; location: string } | undefined {
  const [, volumeId, hex] = OBJECT_KEY.exec(key) ?? [];
  return volumeId === undefined ? undefined : { volumeId, location: Buffer.from(hex!, "hex").toString() };
}
