import { createHash } from "node:crypto";
import type { Job } from "../job.ts";
import { type Entry, mapEntries } from "../jobs/file-value.ts";
import type { CommandLineTool, CwlType, InputPort, Inputs, OutputPort, Requirements, Value } from "../model.ts";

/** Part of every key. Raised when the same job would give other outputs than it gave with an earlier engine. */
const GENERATION = 1;

/** What two runs of a job have in common when one can stand for the other. Digests are 64 hex digits of SHA-256. */
export interface JobKey {
  key: string;
  /** What the key is made of, each by itself, so that a miss can be explained. */
  parts: KeyParts;
}
export interface KeyParts {
  /** Of the names of the tool's ports: tools of one family may be versions of one another. */
  family: string;
  tool: string;
  image: string;
  /** Of the cores and sizes; "" for tools whose expressions do not look at `runtime`. */
  resources: string;
  inputs: { [port: string]: string };
}

/** What a job depends on besides the tool and its inputs. */
export interface KeyOptions {
  /** The image the command runs in: its digest, best, or what names it; "none" for commands that run on the host. */
  image: string;
  /** What the job gets, as `prepareJob` finds it. */
  resources: Job["resources"];
}

/**
 * The key of a job (execution-hints.md §5.3). Pure: the bytes of files count through the checksums that `tool` and
 * `inputs` carry (`measureJob` adds them), so any process on any machine finds the same key for the same job.
 *
 * Nothing that only people read counts: labels, documentation, ids, where the document lies, keys and hints of vendors.
 * Neither does what decides whether a job succeeds, but not what it makes: resources (unless an expression looks at
 * them), the time limit.
 *
 * @throws Error for a File on disk without a checksum, a Directory on disk without a listing
 */
export function jobKey(tool: CommandLineTool, inputs: Inputs, { image, resources }: KeyOptions): JobKey {
  const parts: KeyParts = {
    family: digest([tool.inputs.map(({ id }) => id).sort(), tool.outputs.map(({ id }) => id).sort()]),
    tool: digest(essence(tool)),
    image: digest(image),
    resources: looksAtRuntime(tool) ? digest(resources) : "",
    inputs: {},
  };
  for (const { id } of tool.inputs) parts.inputs[id] = digest(byContent(inputs[id] ?? null));
  return { key: digest([GENERATION, parts]), parts };
}

const digest = (value: unknown): string => createHash("sha256").update(canonical(value)).digest("hex");

/** JSON with sorted keys, so that the order in which a document names things does not count. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const fields = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(",")}}`;
}

/** The tool without what has no influence on its outputs. Defaults of inputs are left out, too: the inputs have them. */
function essence(tool: CommandLineTool): unknown {
  return {
    ...without(tool, "id", "label", "doc", "source", "scripts", "extensions"),
    inputs: tool.inputs.map(essenceOfPort),
    outputs: tool.outputs.map(essenceOfPort),
    requirements: essenceOfRequirements(tool.requirements),
    hints: essenceOfRequirements(tool.hints),
  };
}

function essenceOfPort(port: InputPort | OutputPort): unknown {
  return { ...without(port, "label", "doc", "extensions", "default"), type: essenceOfType(port.type) };
}

/** Types by what they hold: the name of a type has the place of its document in it. */
function essenceOfType(type: CwlType): unknown {
  if (typeof type === "string") return type;
  if (Array.isArray(type)) return type.map(essenceOfType);
  const rest = without(type, "label", "name");
  if (type.type === "array") return { ...rest, items: essenceOfType(type.items) };
  if (type.type === "enum") return rest;
  const fields = type.fields.map((field) => ({ ...without(field, "label", "doc"), type: essenceOfType(field.type) }));
  return { ...rest, fields };
}

/**
 * The image and the resources are parts of their own. `sbg:` classes choose instances, and what they say about
 * resources is among those.
 */
function essenceOfRequirements(requirements: Requirements): unknown {
  const { docker, initialWorkDir, other } = requirements;
  const counting = other?.filter((requirement) => !/^sbg:|sevenbridges/.test(requirement.class)) ?? [];
  return {
    ...without(requirements, "docker", "resource", "toolTimeLimit", "workReuse", "initialWorkDir", "other"),
    ...(docker?.dockerOutputDirectory !== undefined && { outputDirectory: docker.dockerOutputDirectory }),
    ...(initialWorkDir && { initialWorkDir: byContent(initialWorkDir as unknown as Value) }),
    ...(counting.length > 0 && { other: counting }),
  };
}

function without(object: object, ...names: string[]): { [name: string]: unknown } {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** Whether an expression of the tool can see what the job gets. A text that merely speaks of it counts as well. */
function looksAtRuntime(tool: CommandLineTool): boolean {
  return /\bruntime\b/.test(JSON.stringify(essence(tool)));
}

/** The value with its Files and Directories as their contents and what expressions see of them, but not where they lie. */
function byContent(value: Value): unknown {
  return mapEntries(value, (entry) => entryByContent(entry) as Entry);
}

function entryByContent(entry: Entry): unknown {
  if (entry.class === "Directory") {
    if (!entry.listing) throw new Error(`the Directory ${entry.location} has no listing to make a key of`);
    return { ...without(entry, "location", "path"), listing: entry.listing.map(entryByContent) };
  }
  const { location, contents, checksum, secondaryFiles } = entry;
  const isWritten = location === undefined && contents !== undefined;
  if (!isWritten && checksum === undefined) throw new Error(`the File ${location} has no checksum to make a key of`);
  return {
    ...without(entry, ...WHERE_IT_IS, "contents", "secondaryFiles"),
    ...(isWritten && { contents }),
    ...(secondaryFiles?.length && { secondaryFiles: secondaryFiles.map(entryByContent) }),
  };
}

/** What follows from where a File lies, from its name or from its bytes. */
const WHERE_IT_IS = ["location", "path", "dirname", "nameroot", "nameext", "size"];
