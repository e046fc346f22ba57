import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { Complaint, EXIT } from "../exit.ts";

/** A CWL document as plain data. */
export type CwlObject = { [key: string]: unknown };

/**
 * Reads a document with everything it refers to in other files put into it: steps' processes, `$import`, `$include`.
 * An app is one document: the platform cannot read the other files.
 *
 * @throws Complaint that names the file that is missing or broken
 */
export async function pack(path: string): Promise<CwlObject> {
  const document = await read(resolve(path), []);
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new Complaint(`${path} is no CWL document: it must be an object.`);
  }
  return document as CwlObject;
}

/** `chain`: the files that led here; one of them again would never end. */
async function read(path: string, chain: readonly string[]): Promise<unknown> {
  if (chain.includes(path)) throw new Complaint(`${path} contains itself, by way of ${chain.at(-1)}.`);
  const text = await textOf(path, chain.at(-1));
  try {
    return await resolved(parse(text, { maxAliasCount: 1000 }), path, [...chain, path]);
  } catch (error) {
    if (error instanceof Error && error.name === "YAMLParseError")
      throw new Complaint(`${path} is neither YAML nor JSON: ${error.message}`);
    throw error;
  }
}

async function resolved(value: unknown, path: string, chain: readonly string[]): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => resolved(item, path, chain)));
  if (typeof value !== "object" || value === null) return value;
  const object = value as CwlObject;
  const beside = (reference: string) => resolve(dirname(path), reference);
  if (typeof object.$import === "string") return read(beside(object.$import), chain);
  if (typeof object.$include === "string") return textOf(beside(object.$include), path);
  const entries = await Promise.all(
    Object.entries(object).map(async ([key, child]): Promise<[string, unknown]> => {
      const isFile = key === "run" && typeof child === "string" && !child.startsWith("#") && !/^[a-z]+:\/\//.test(child);
      return [key, isFile ? await read(beside(child), chain) : await resolved(child, path, chain)];
    }),
  );
  return Object.fromEntries(entries);
}

async function textOf(path: string, from: string | undefined): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Complaint(`${path} does not exist${from === undefined ? "" : `; ${from} refers to it`}.`, { exit: EXIT.notFound });
  }
}
