import type { ErrorKind } from "@causeway/contract";
import { isFileName, isFolderName } from "../files/names/name-rules.ts";
import type { FileSummary, FileTrees } from "../files/transfer/folder-operations.ts";
import type { ActorId } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { GivenItem } from "./queries.ts";
import type { FileOperationType } from "./tables.ts";

/** An item as the request has it: blank places are not given. */
export interface RequestedItem {
  file: string;
  parent?: unknown;
  project?: unknown;
  name?: string;
  type?: unknown;
}

/** What copies and moves are refused with. */
const REFUSALS = {
  COPY: {
    kind: "asyncCopyKindUnknown",
    notFolder: "asyncCopyDestinationNotFolder",
    root: "asyncCopyRoot",
    ownParent: "asyncCopyToOwnParent",
    itself: "asyncCopyIntoItself",
    cycle: "asyncCopyCycle",
  },
  MOVE: {
    kind: "asyncKindUnknown",
    notFolder: "asyncMoveDestinationNotFolder",
    root: "asyncMoveRoot",
    ownParent: "asyncMoveToOwnParent",
    itself: "asyncMoveIntoItself",
    cycle: "asyncMoveCycle",
  },
} as const satisfies Record<"COPY" | "MOVE", Record<string, ErrorKind>>;

/**
 * Refuses what can be seen to be wrong from the request alone (files.md §5), and answers the items to keep.
 *
 * @throws ApiError `asyncFileBlank`, `asyncFileTwice`, `asyncSameFileSameDestination`, `asyncDestinationMissing`,
 *   `asyncDestinationBlank`, `asyncDestinationUnexpected`, `asyncCopyKindUnknown`, `asyncKindUnknown`, `destinationAmbiguous`
 */
export function itemsToKeep(type: FileOperationType, items: readonly RequestedItem[]): GivenItem[] {
  const kept = items.map((item, index) => itemToKeep(type, item, index));
  const destinations = new Map<string, Set<string>>();
  for (const [index, { file, parent, project }] of kept.entries()) {
    const earlier = destinations.get(file) ?? new Set();
    const to = parent ?? project ?? "";
    if (earlier.has(to) && type !== "DELETE") throw at(index, "asyncSameFileSameDestination");
    // One thing can be copied to many places, and moved or deleted once.
    if (earlier.size > 0 && type !== "COPY") throw at(index, "asyncFileTwice");
    destinations.set(file, earlier.add(to));
  }
  return kept;
}

function itemToKeep(
  type: FileOperationType,
  { file, parent, project, name, type: kind }: RequestedItem,
  index: number,
): GivenItem {
  if (isBlank(file)) throw at(index, "asyncFileBlank");
  if (!isBlank(kind) && !/^(file|folder)$/i.test(String(kind))) {
    throw at(index, type === "COPY" ? "asyncCopyKindUnknown" : "asyncKindUnknown");
  }
  const places = [parent, project].filter((place) => !isBlank(place));
  if (type === "DELETE") {
    if (places.length > 0) throw at(index, "asyncDestinationUnexpected");
    return { file: file.trim().toLowerCase() };
  }
  if (places.length > 1) throw at(index, "destinationAmbiguous");
  if (places.length === 0) {
    const isThere = [parent, project].some((place) => typeof place === "string");
    throw at(index, isThere ? "asyncDestinationBlank" : "asyncDestinationMissing");
  }
  const place = isBlank(parent) ? { project: String(project).replace(/\/$/, "") } : { parent: String(parent).toLowerCase() };
  return { file: file.trim().toLowerCase(), ...place, ...(name === undefined ? {} : { name }) };
}

/**
 * Refuses what can be seen to be wrong by looking at what the actor may see; what cannot be seen is for the file operation to find.
 *
 * @throws ApiError `asyncFileNameInvalid`, `asyncFolderNameInvalid`; of copies and moves each, with its own code: a root
 *   folder, a destination that is no folder, a folder into its own parent under its own name, into itself or below, cycles
 */
export async function refuseImpossible(
  actor: ActorId,
  type: "COPY" | "MOVE",
  items: readonly GivenItem[],
  trees: FileTrees,
): Promise<void> {
  const refusals = REFUSALS[type];
  const seen = await trees.look(
    actor,
    items.flatMap(({ file, parent }) => (parent === undefined ? [file] : [file, parent])),
  );
  const roots = await trees.roots(
    actor,
    items.flatMap(({ project }) => project ?? []),
  );
  const folderOf = ({ parent, project }: GivenItem) => parent ?? roots.get(project!);
  for (const [index, item] of items.entries()) {
    const file = seen.get(item.file);
    refuseName(item, file, index);
    if (file?.parent === null) throw at(index, refusals.root);
    if (item.parent !== undefined && seen.get(item.parent)?.type === "file") throw at(index, refusals.notFolder);
    const sameName = item.name === undefined || item.name === file?.name;
    if (file?.type === "folder" && sameName && file.parent === folderOf(item)) throw at(index, refusals.ownParent);
  }

  const folders = items.flatMap((item, index) => {
    const to = folderOf(item);
    return seen.get(item.file)?.type === "folder" && to !== undefined ? [{ file: item.file, to, index }] : [];
  });
  const above = await trees.ancestors([...new Set(folders.map(({ to }) => to))]);
  for (const { file, to, index } of folders) if (above.get(to)?.has(file)) throw at(index, refusals.itself);
  const targets = Map.groupBy(folders, ({ file }) => file);
  const next = new Map(
    [...targets].map(([file, sent]) => [
      file,
      sent.flatMap(({ to }) => [...(above.get(to) ?? [])]).filter((id) => targets.has(id)),
    ]),
  );
  if (hasCycle(next)) throw new ApiError(refusals.cycle);
}

function refuseName({ name }: GivenItem, file: FileSummary | undefined, index: number): void {
  if (name === undefined) return;
  if (file?.type === "folder" && !isFolderName(name)) throw at(index, "asyncFolderNameInvalid");
  if (!isFileName(name)) throw at(index, "asyncFileNameInvalid");
}

/** Whether a walk along `next` can come back to where it was: what never runs out of ends is a cycle. */
function hasCycle(next: ReadonlyMap<string, readonly string[]>): boolean {
  const open = new Map(next);
  for (let ended = true; ended; ) {
    ended = false;
    for (const [id, following] of open) {
      if (following.some((other) => open.has(other))) continue;
      open.delete(id);
      ended = true;
    }
  }
  return open.size > 0;
}

const isBlank = (text: unknown): boolean =>
  text === undefined || text === null || (typeof text === "string" && text.trim() === "");

const at = (index: number, kind: ErrorKind): ApiError => new ApiError(kind, `\`items.${index}\` is not possible.`);
