import { textOfJson } from "@causeway/contract/exact-json";
import { DOCUMENT_LIMITS, DocumentError, formatProblem, type LoadLimits, readText } from "@causeway/cwl";
import { measureJson } from "../../http/json-size.ts";
import { parseAsWritten } from "./exact-json.ts";
import { type CwlObject, contentHash, cwlVersionsOf, labelOf, separateNotes, wordsOf } from "./facts.ts";
import type { Decoded, Refused } from "./messages.ts";

/** Why an upload is no document. */
export class UploadRefused extends Error {
  readonly kind: Refused["refused"];
  readonly detail: string;

  constructor(kind: Refused["refused"], detail: string, options?: { cause?: unknown }) {
    super(detail, options);
    this.kind = kind;
    this.detail = detail;
  }
}

export const YAML_TYPES: ReadonlySet<string> = new Set(["application/yaml", "text/yaml", "application/x-yaml", "text/x-yaml"]);

/**
 * Decodes an uploaded document: JSON, YAML, or a JSON string that holds either, as the Python client sends it when it is
 * given text (apps.md §2.5). A missing media type is taken for YAML, of which JSON is a part. YAML is read by the engine's
 * own reader.
 *
 * @throws UploadRefused as `undecodable`; as `badRequest` for a document over a limit, or for what is no object
 */
export async function decodeUpload(
  bytes: Uint8Array,
  mediaType: string,
  shortName: string,
  limits: LoadLimits,
): Promise<{ decoded: Decoded; document: CwlObject }> {
  if (bytes.length === 0) throw new UploadRefused("badRequest", "A body is needed: a CWL document.");
  const text = textOf(bytes);
  let uploaded: unknown = mediaType === "" || YAML_TYPES.has(mediaType) ? text : parsedJson(text, bytes, limits);
  while (typeof uploaded === "string") uploaded = await parsedText(uploaded, limits);
  if (typeof uploaded !== "object" || uploaded === null || Array.isArray(uploaded))
    throw new UploadRefused("badRequest", "The body must be an object: a CWL document.");
  const { document, notes } = separateNotes(uploaded as CwlObject);
  const decoded = {
    text: textOfJson(document),
    notes,
    label: labelOf(document, shortName),
    words: wordsOf(document, shortName),
    contentHash: contentHash(document),
    cwlVersions: cwlVersionsOf(document),
  };
  refuseLarge("bytes", Buffer.byteLength(decoded.text), limits);
  return { decoded, document };
}

/** A byte order mark is neither JSON nor YAML, yet some Windows tools write one. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UploadRefused("undecodable", "The document is not UTF-8.", { cause });
  }
}

function parsedJson(text: string, bytes: Uint8Array, limits: LoadLimits): unknown {
  const { depth, values } = measureJson(bytes);
  refuseLarge("depth", depth, limits);
  refuseLarge("entries", values, limits);
  try {
    return parseAsWritten(text);
  } catch (cause) {
    throw new UploadRefused("undecodable", `The body is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** What the text holds, which may be a text once more: clients that are given text encode it again. */
async function parsedText(text: string, limits: LoadLimits): Promise<unknown> {
  try {
    const value = await readText(text, "the document", limits);
    // A text that stands for itself would be decoded for ever.
    if (value === text) throw new UploadRefused("undecodable", "The document is a plain text, not a CWL object.");
    return value;
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const message = error.problems.map(formatProblem).join("\n");
    const isOverLimit = message.includes("(CAUSEWAY_");
    if (isOverLimit) throw new UploadRefused("badRequest", message);
    throw new UploadRefused("undecodable", `The document is neither JSON nor YAML: ${message}`, { cause: error });
  }
}

function refuseLarge(name: keyof LoadLimits, size: number, limits: LoadLimits): void {
  if (size <= limits[name]) return;
  const what = {
    bytes: "bytes",
    depth: "levels of lists and objects inside each other",
    entries: "values",
    steps: "steps",
    ports: "ports",
  };
  throw new UploadRefused(
    "badRequest",
    `The document has ${size.toLocaleString("en-US")} ${what[name]}, and ${limits[name].toLocaleString("en-US")} are allowed (${DOCUMENT_LIMITS[name].variable}).`,
  );
}
