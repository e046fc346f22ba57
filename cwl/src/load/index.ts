import type { CompiledDocument } from "../model.ts";
import { Compiler } from "./compile.ts";
import { refuseTooLarge } from "./compiled-size.ts";
import { displayName, fetchFrom, resolveUri, splitFragment } from "./fetch.ts";
import { relateFormats } from "./formats.ts";
import { failedRead, Library } from "./library.ts";
import { Budget, DEFAULT_LOAD_LIMITS, overLimit } from "./limits.ts";
import type { LoadOptions } from "./load-options.ts";
import { nodeOf } from "./node.ts";
import { DocumentError, type Problem, Problems } from "./problem.ts";

export { type FetchText, fetchFrom } from "./fetch.ts";
export {
  expandFormats,
  type JobOrder,
  jobOrderOf,
  jobOrderProblems,
  loadJobOrder,
  loadJobOrderText,
  writtenValues,
} from "./job-order.ts";
export { DEEPEST, DEFAULT_LOAD_LIMITS, DOCUMENT_LIMITS, type LoadLimits, loadLimitsIn } from "./limits.ts";
export { pack } from "./pack.ts";
export { DocumentError, formatProblem, formatShort, type Problem } from "./problem.ts";
export { readText } from "./read-text.ts";

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
  return compile(uri, options, async (library) => {
    await library.add(splitFragment(uri).document, await library.parse(uri, content));
  });
}

/** As `load`, from plain data. Problems have a `path`, and line 1. */
export function loadObject(object: unknown, uri: string, options: LoadOptions = {}): Promise<CompiledDocument> {
  return compile(uri, options, async (library) => {
    const { document } = splitFragment(uri);
    const root = nodeOf(object, { uri: document, name: document });
    library.budget.measure(root);
    await library.add(document, root);
  });
}

/**
 * Every problem of the document at a path or URL; none: it is right. Warnings do not keep it from running. A packed
 * document without main process is right when each of its processes is.
 */
export async function validate(reference: string, options: LoadOptions = {}): Promise<readonly Problem[]> {
  const uri = resolveUri(reference);
  try {
    const { problems } = await read(uri, options, "all", async (library) => {
      await library.open(uri).catch((error) => failedRead(uri, error));
    });
    return problems.list;
  } catch (error) {
    if (error instanceof DocumentError) return error.problems;
    throw error;
  }
}

type Fill = (library: Library) => Promise<void>;

async function compile(uri: string, options: LoadOptions, fill: Fill): Promise<CompiledDocument> {
  const { document, problems } = await read(uri, options, "main", fill);
  if (document === undefined || problems.hasErrors) throw new DocumentError(problems.list);
  for (const warning of problems.list) options.onWarning?.(warning);
  return document;
}

async function read(
  uri: string,
  options: LoadOptions,
  wanted: "main" | "all",
  fill: Fill,
): Promise<{ document: CompiledDocument | undefined; problems: Problems }> {
  const problems = new Problems();
  const fetchText = options.fetchText ?? fetchFrom();
  const budget = new Budget(options.limits ?? DEFAULT_LOAD_LIMITS);
  const library = new Library(fetchText, budget, problems);
  library.strict = options.strict ?? false;
  try {
    await fill(library);
    const compiler = new Compiler(library);
    const process = compiler.compile(uri, wanted, options.demanded);
    const formats = await relateFormats(compiler.schemas, compiler.formats, fetchText, problems);
    if (process === undefined) return { document: undefined, problems };
    const document: CompiledDocument = { process, formats, namespaces: compiler.namespaces };
    refuseTooLarge(document, budget);
    return { document, problems };
  } catch (error) {
    // The stack ended: nesting that deep is an attack or an accident, and no document needs it.
    if (error instanceof RangeError) throw overLimit("depth", budget.limits.depth, displayName(uri), "it is nested too deeply");
    throw error;
  }
}
