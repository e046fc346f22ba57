import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { setKey } from "../keys.ts";
import type { Value } from "../model.ts";
import { isAbsolute, resolveUri } from "./fetch.ts";
import { expandPrefix } from "./library.ts";
import { isMapping, isSequence, type Node, plain } from "./node.ts";

/**
 * A CWL value as written in a document (`default`) or an input object. Files and Directories get an absolute `location`
 * (relative ones are relative to the file they stand in), and their formats are whole IRIs.
 */
export function readValue(node: Node, namespaces: { readonly [prefix: string]: string }): Value {
  if (isSequence(node)) return node.value.map((item) => readValue(item, namespaces));
  if (!isMapping(node)) return node.value as Value;
  const { class: kind } = Object.fromEntries([...node.value].map(([key, value]) => [key, value.value]));
  const object: { [key: string]: Value } = {};
  for (const [key, item] of node.value)
    setKey(object, key, key === "metadata" ? (plain(item) as Value) : readValue(item, namespaces));
  if (kind !== "File" && kind !== "Directory") return object;
  const base = node.source.uri;
  if (typeof object.location === "string") object.location = resolveLocation(object.location, base);
  else if (typeof object.path === "string") {
    object.location = resolvePath(object.path, base);
    delete object.path;
  }
  if (typeof object.format === "string") object.format = expandPrefix(object.format, namespaces);
  return object;
}

/** A `location` is an IRI reference; one that names a scheme stays as it is. */
function resolveLocation(location: string, base: string): string {
  if (isAbsolute(location) || location.startsWith("_:")) return location;
  if (location.startsWith("/")) return pathToFileURL(location).href;
  return resolveUri(location, base);
}

/** A `path` is a path, in which `#`, `?` and `%` are ordinary characters. */
function resolvePath(path: string, base: string): string {
  if (isAbsolute(path)) return path;
  if (base.startsWith("file:")) return pathToFileURL(resolve(dirname(fileURLToPath(base)), path)).href;
  return resolveUri(path.split("/").map(encodeURIComponent).join("/"), base);
}
