import { sql } from "kysely";
import type { Tx } from "../db/database.ts";
import { freePrefixes } from "../files/names/free-names.ts";
import { prefixed } from "../files/names/name-rules.ts";
import type { ImportRow } from "./queries.ts";

/** Where the objects of a job go. */
export interface Placing {
  job: ImportRow;
  projectId: string;
  /** All into one folder, whatever their keys. */
  isFlat: boolean;
}

/** An object for which there was no room under its name. */
export interface Refused {
  location: string;
  folder: string;
  name: string;
}

/** Objects of one statement: their JSON text is made while others wait. */
const LOT = 500;

/**
 * Adds objects whose names are taken under the first free of `_1_name`, `_2_name`, …, in the order of their locations.
 * The first free number of each name is looked up once; what others take meanwhile costs one more round.
 */
export async function placeUnderFreeNames(tx: Tx, placing: Placing, refused: readonly Refused[]): Promise<void> {
  const next = new Map<string, number>();
  for (let start = 0; start < refused.length; start += LOT) {
    let waiting = refused.slice(start, start + LOT);
    const unknown = waiting.filter((object) => !next.has(keyOf(object)));
    for (const [key, number] of await firstNumbers(tx, unknown)) next.set(key, number);
    while (waiting.length > 0) waiting = await placeLot(tx, placing, waiting, next);
  }
}

/** Answers the objects whose names somebody else took meanwhile. */
async function placeLot(tx: Tx, { job, projectId }: Placing, lot: readonly Refused[], next: Map<string, number>) {
  const named = lot.map((object) => {
    const number = next.get(keyOf(object))!;
    next.set(keyOf(object), number + 1);
    return { location: object.location, parent: object.folder, name: prefixed(object.name, number) };
  });
  const { rows } = await sql<{ location: string }>`
    insert into files (project_id, parent, name, type, volume_id, location, object_etag, object_modified_at, size)
    select ${projectId}, given.parent, given.name, 'file', ${job.volume_id}, o.location, o.etag, o.modified_at, o.size
    from json_to_recordset(${JSON.stringify(named)}::json) as given (location text, parent text, name text)
    join import_objects o on o.import_id = ${job.id} and o.location = given.location
    order by given.parent, given.name
    on conflict (parent, name) where deleted_at is null do nothing returning location`.execute(tx);
  const placed = new Set(rows.map(({ location }) => location));
  return lot.filter(({ location }) => !placed.has(location));
}

const keyOf = ({ folder, name }: Pick<Refused, "folder" | "name">): string => `${folder}/${name}`;

/** For each name in its folder the first number that is free there. */
async function firstNumbers(tx: Tx, refused: readonly Refused[]): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  for (const [folder, objects] of Map.groupBy(refused, (object) => object.folder)) {
    const names = [...new Set(objects.map(({ name }) => name))];
    const found = await freePrefixes(
      tx,
      folder,
      names.map((name) => [name]),
    );
    for (const [index, name] of names.entries()) numbers.set(keyOf({ folder, name }), found[index]!);
  }
  return numbers;
}
