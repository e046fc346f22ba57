import { type CwlType, type FileValue, type InputPort, isEntry, type Value, visitAllEntries } from "@causeway/cwl";
import { stagedName } from "../files/staged-name.ts";
import { blobOf } from "../files/task-blobs.ts";
import type { BatchBy, BatchGroup, EngineInputs, PortValues, TaskProblem } from "../tables.ts";
import type { Batching } from "./batching.ts";

/** A child of a batch before it is stored. */
export interface Child {
  name: string;
  inputs: PortValues;
  engineInputs: EngineInputs;
  group: BatchGroup;
}

/** The values that go to one child: their places in the batched list. */
interface Group extends BatchGroup {
  places: number[];
}

const METADATA = "metadata.";

/**
 * The children of a batch that was run (tasks.md §5), in the order in which their values come first. Pure: whoever asks
 * again after a crash gets the same ones.
 */
export function childrenOf(
  parent: { name: string; inputs: PortValues; engineInputs: EngineInputs },
  { input, by }: Batching,
  port: InputPort,
): Child[] {
  const { [input]: batched, ...others } = parent.engineInputs.values;
  const files = new Map<string, EngineInputs["ids"][number]>();
  for (const file of parent.engineInputs.ids) files.set(fileKey(file.blob, stagedName(file.name)), file);
  const shared = idsIn(Object.values(others), files);
  const items = batched as readonly Value[];
  const shown = parent.inputs[input] as unknown[];
  const asList = by.type === "ITEM" ? !takesOne(port.type) : takesList(port.type);
  const pick = <T>(from: readonly T[], { places }: Group) => (asList ? places.map((place) => from[place]!) : from[places[0]!]!);
  return groupsOf(items, by).map((group) => {
    const value = pick(items, group) as Value;
    return {
      name: `${parent.name} - ${group.value}`,
      inputs: { ...parent.inputs, [input]: pick(shown, group) },
      engineInputs: { ...parent.engineInputs, values: { ...others, [input]: value }, ids: [...shared, ...idsIn(value, files)] },
      group: { value: group.value, fields: group.fields },
    };
  });
}

/** What keeps a batch from being run, and what is odd about it; `values` are the engine's. */
export function checkBatch(
  ports: readonly InputPort[],
  { input, by }: Batching,
  values: { readonly [port: string]: Value },
  atMost: number,
): { errors: TaskProblem[]; warnings: TaskProblem[] } {
  const refuse = (message: string) => ({ errors: [{ code: "BATCH_INPUT", input, message }], warnings: [] });
  const port = ports.find(({ id }) => id === input);
  if (!port) return refuse(`The app has no input '${input}' to batch by.`);
  const items = values[input];
  if (!Array.isArray(items) || items.length === 0) return refuse(`'${input}' needs a list of values to batch by.`);
  if (by.type === "CRITERIA") {
    const stray = by.criteria!.find((criterion) => !criterion.startsWith(METADATA) || criterion === METADATA);
    if (stray !== undefined) return refuse(`'${stray}' is no criterion: it must be \`metadata.{key}\`.`);
    if (!items.every(isFile)) return refuse(`'${input}' holds values that are no files: they can be batched by item only.`);
  }
  const groups = groupsOf(items, by);
  if (groups.length > atMost) return refuse(`The batch would have ${groups.length} tasks, and ${atMost} are allowed.`);
  const crowded = takesList(port.type) ? undefined : groups.find(({ places }) => places.length > 1);
  if (crowded) return refuse(`'${input}' takes one file, and the group '${crowded.value}' has ${crowded.places.length}.`);
  const warnings = (by.criteria ?? []).flatMap((criterion) => missingMetadata(input, criterion, items as FileValue[]));
  return { errors: [], warnings };
}

/** Values in groups: every one for itself, or files whose metadata are equal for all criteria. */
function groupsOf(items: readonly Value[], by: BatchBy): Group[] {
  if (by.type === "ITEM") return items.map((item, place) => ({ value: nameOf(item), fields: {}, places: [place] }));
  const groups = new Map<string, Group>();
  for (const [place, item] of items.entries()) {
    const found = by.criteria!.map((criterion) => metadataOf(item as FileValue, criterion));
    const key = JSON.stringify(found);
    const known = groups.get(key);
    if (known) known.places.push(place);
    else {
      const value = found.map((text) => text ?? "no value").join(", ");
      const fields = Object.fromEntries(by.criteria!.map((criterion, index) => [criterion, found[index]]));
      groups.set(key, { value, fields, places: [place] });
    }
  }
  return [...groups.values()];
}

function missingMetadata(input: string, criterion: string, files: readonly FileValue[]): TaskProblem[] {
  const lacking = files.filter((file) => metadataOf(file, criterion) === null);
  if (lacking.length === 0) return [];
  const names = lacking.slice(0, 3).map(({ basename }) => basename);
  const some = names.join(", ") + (lacking.length > names.length ? ", …" : "");
  const message = `${lacking.length} of ${files.length} files have no '${criterion}' (${some}): they are one group.`;
  return [{ code: "MISSING_METADATA", input, message }];
}

const metadataOf = ({ metadata }: FileValue, criterion: string): string | null => {
  const value = metadata?.[criterion.slice(METADATA.length)];
  return value === undefined || value === null ? null : String(value);
};

const NAME_AT_MOST = 60;

function nameOf(item: Value): string {
  if (isEntry(item)) return item.basename ?? "";
  const text = typeof item === "string" ? item : JSON.stringify(item);
  return text.length > NAME_AT_MOST ? `${text.slice(0, NAME_AT_MOST - 1)}…` : text;
}

const isFile = (value: Value): boolean => isEntry(value) && value.class === "File";

const members = (type: CwlType): readonly CwlType[] => (Array.isArray(type) ? type : [type]);
const isList = (type: CwlType): boolean => typeof type === "object" && "type" in type && type.type === "array";
const takesList = (type: CwlType): boolean => members(type).some((member) => isList(member) || member === "Any");
const takesOne = (type: CwlType): boolean => members(type).some((member) => !isList(member) && member !== "null");

const fileKey = (blob: string, name: string): string => `${blob}\n${name}`;

/** Which of a batch's files a value mentions: a child must not carry the list of all. */
function idsIn(value: Value, files: ReadonlyMap<string, EngineInputs["ids"][number]>): EngineInputs["ids"] {
  const found: EngineInputs["ids"] = [];
  visitAllEntries(value, (entry) => {
    const blob = blobOf(entry);
    const file = blob === undefined ? undefined : files.get(fileKey(blob, String(entry.basename)));
    if (file) found.push(file);
  });
  return found;
}
