import type { FetchText } from "./fetch.ts";

/** Reads from documents in memory, by the last part of their URI. For tests, and for callers that have all texts already. */
export function fromMemory(documents: { readonly [name: string]: string }): FetchText {
  return async (uri) => {
    const name = decodeURIComponent(uri.slice(uri.lastIndexOf("/") + 1));
    const text = documents[name];
    if (text === undefined) throw Object.assign(new Error(`there is no document ${name}`), { code: "ENOENT" });
    return text;
  };
}
