import type { CompiledDocument } from "../model.ts";
import { Compiler } from "./compile.ts";
import { type FetchText, fetchFrom, resolveUri, splitFragment } from "./fetch.ts";
import { relateFormats } from "./formats.ts";
import { failedRead, Library } from "./library.ts";
import { nodeOf } from "./node.ts";
import { DocumentError, type Problem, Problems } from "./problem.ts";
import type { Declared } from "./requirements.ts";

export { type FetchText, fetchFrom } from "./fetch.ts";
export { expandFormats, type JobOrder, jobOrderOf, loadJobOrder } from "./job-order.ts";
export { DocumentError, formatProblem, formatShort, type Problem } from "./problem.ts";

export interface LoadOptions {
  /** How documents are read; default: files only. */
  fetchText?: FetchText;
  /** What the input object demands (`cwl:requirements`): stands for what the process itself declares of the same class. */
  demanded?: Declared | undefined;
  /** Told of each warning of a document that loads. */
  onWarning?: (warning: Problem) => void;
}

/**
 * Loads the document at a path or URL (`#id` picks one process) into the compiled form.
 *
 * @throws DocumentError with all problems when there is an error among them.
 */
export async function load(reference: string, options: LoadOptions = {}): Promise<CompiledDocument> {
  const uri = resolveUri(reference);
  return compile(uri, options, async (library) => {
    await library.open(uri).catch((error) => failedRead(uri, error));
  });
}

/** As `load`, from a text that stands at `uri` (references in it are relative to that). */
export function loadText(content: string, uri: string, options: LoadOptions = {}): Promise<CompiledDocument> {
  return compile(
    uri,
    options,
    async (library) => void (await library.add(splitFragment(uri).document, await library.parse(uri, content))),
  );
}

/** As `load`, from plain data. Problems have a `path`, and line 1. */
export function loadObject(object: unknown, uri: string, options: LoadOptions = {}): Promise<CompiledDocument> {
  const { document } = splitFragment(uri);
  return compile(
    uri,
    options,
    async (library) => void (await library.add(document, nodeOf(object, { uri: document, name: document }))),
  );
}

/** Every problem of the document at a path or URL; none: it can be run. Warnings do not keep it from running. */
export async function validate(reference: string, options: LoadOptions = {}): Promise<readonly Problem[]> {
  const found: Problem[] = [];
  try {
    await load(reference, { ...options, onWarning: (warning) => found.push(warning) });
    return found;
  } catch (error) {
    if (error instanceof DocumentError) return error.problems;
    throw error;
  }
}

async function compile(uri: string, options: LoadOptions, read: (library: Library) => Promise<void>): Promise<CompiledDocument> {
  const problems = new Problems();
  const fetchText = options.fetchText ?? fetchFrom();
  const library = new Library(fetchText, problems);
  await read(library);
  const compiler = new Compiler(library);
  const process = compiler.compile(uri, options.demanded);
  const formats = await relateFormats(compiler.schemas, compiler.formats, fetchText, problems);
  if (process === undefined || problems.hasErrors) throw new DocumentError(problems.list);
  for (const warning of problems.list) options.onWarning?.(warning);
  return { process, formats, namespaces: compiler.namespaces };
}
