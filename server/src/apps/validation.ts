import { type CompiledDocument, DocumentError, formatShort, loadObject } from "@causeway/cwl";
import type { CwlObject } from "./document.ts";

/**
 * Compiles a stored document. Nothing outside it is read: an app is complete in itself, as sbpack makes it.
 *
 * @throws DocumentError with every problem
 */
export function compileDocument(document: CwlObject, uri: string): Promise<CompiledDocument> {
  return loadObject(document, uri, { fetchText: refuseReferences });
}

async function refuseReferences(uri: string): Promise<string> {
  throw new Error(`an app must be complete in itself: ${uri} is not in it (sbpack packs it)`);
}

/** The problems of a document as the API lists them: strings with the place in front; none for an app that can run. */
export async function validationErrors(document: CwlObject, uri: string): Promise<string[]> {
  if (!isCwl(document)) return [];
  try {
    await compileDocument(document, uri);
    return [];
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return error.problems.filter(({ severity }) => severity === "error").map(formatShort);
  }
}

/** Nextflow and WDL apps are kept, but only CWL runs. */
export const isCwl = (document: CwlObject): boolean => document.class !== "nextflow" && document.class !== "wdl";
