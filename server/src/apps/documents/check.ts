import { type CompiledDocument, DocumentError, formatShort, type LoadLimits, loadText, type Problem } from "@causeway/cwl";
import type { CwlObject } from "./facts.ts";
import type { Checked } from "./messages.ts";
import { outsideReferences } from "./references.ts";

/**
 * Compiles a stored document. Nothing outside it is read: an app is complete in itself, as `causeway app install` and
 * sbpack make it.
 *
 * @throws DocumentError with every problem
 */
export async function compileText(
  text: string,
  uri: string,
  limits: LoadLimits,
  onWarning: (warning: Problem) => void = () => {},
): Promise<CompiledDocument> {
  const outside = outsideReferences(JSON.parse(text));
  if (outside.length > 0) throw new DocumentError(outside.map((reference) => notPacked(reference, uri)));
  return loadText(text, uri, { limits, onWarning, fetchText: refuseReferences });
}

async function refuseReferences(uri: string): Promise<string> {
  throw new Error(`an app is complete in itself, and ${uri} is not in it`);
}

const notPacked = ({ path, reference }: { path: string; reference: string }, file: string): Problem => ({
  severity: "error",
  file,
  line: 1,
  column: 1,
  path,
  message: `\`${reference}\` is a file beside the document, and an app has none: put it into the document with \`causeway app install\` or sbpack`,
});

/** What is wrong with a document, and odd about it; nothing is for one that is not CWL. */
export async function check(document: CwlObject, text: string, uri: string, limits: LoadLimits): Promise<Checked> {
  if (!isCwl(document.class)) return { errors: [], warnings: [] };
  const warnings: Problem[] = [];
  try {
    await compileText(text, uri, limits, (warning) => warnings.push(warning));
    return { errors: [], warnings: warnings.map(formatShort) };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const of = (severity: Problem["severity"]) => error.problems.filter((each) => each.severity === severity).map(formatShort);
    return { errors: of("error"), warnings: of("warning") };
  }
}

/** Nextflow and WDL apps are kept, but only CWL runs. */
export const isCwl = (kind: unknown): boolean => kind !== "nextflow" && kind !== "wdl";
