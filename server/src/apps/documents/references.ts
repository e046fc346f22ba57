/**
 * The references of a document to files beside it, each with its place. A pushed app stands by itself: nothing is beside
 * it, so they lead nowhere.
 */
export function outsideReferences(document: unknown): { path: string; reference: string }[] {
  const found: { path: string; reference: string }[] = [];
  const note = (path: string, reference: unknown) => {
    if (typeof reference === "string") found.push({ path, reference });
  };
  /** `isValue`: of an input, where the keys are the input's own. */
  const visit = (value: unknown, path: string, isValue: boolean): void => {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) visit(item, path + stepOf(item, index, path), isValue);
      return;
    }
    if (typeof value !== "object" || value === null) return;
    const object = value as { [key: string]: unknown };
    const at = (key: string) => (path === "" ? key : `${path}.${key}`);
    for (const key of ["$import", "$include", "$mixin"]) if (Object.hasOwn(object, key)) note(at(key), object[key]);
    if (!isValue && isRelative(object.run)) note(at("run"), object.run);
    for (const schema of [object.$schemas].flat()) if (isRelative(schema)) note(at("$schemas"), schema);
    if (object.class === "File" || object.class === "Directory") {
      for (const key of ["location", "path"])
        if (isRelative(object[key]) && !FILE_ID.test(String(object[key]))) note(at(key), object[key]);
      return;
    }
    for (const key of isValue ? [] : ["type", "items"])
      for (const type of [object[key]].flat()) if (isTypeOutside(type)) note(at(key), type);
    // Ports and fields may be written as their types alone.
    for (const key of isValue ? [] : ["inputs", "outputs", "fields"])
      for (const [name, types] of Object.entries(isMap(object[key]) ? object[key] : {}))
        for (const type of [types].flat()) if (isTypeOutside(type)) note(`${at(key)}.${name}`, type);
    for (const [key, inner] of Object.entries(object))
      if (!key.includes(":")) visit(inner, at(key), isValue || key === "default");
  };
  visit(document, "", false);
  return found;
}

/** A file of the platform. */
const FILE_ID = /^[0-9a-f]{24}$/i;

/** `align` of `{id: "#main/align"}`, where the list's elements have ids; else `[3]`. */
function stepOf(item: unknown, index: number, path: string): string {
  const { id } = (typeof item === "object" && item !== null ? item : {}) as { id?: unknown };
  const name = typeof id === "string" ? id.replace(/^.*[#/]/, "") : "";
  if (name === "") return `[${index}]`;
  return path === "" ? name : `.${name}`;
}

/** No URL, no path from the root, no `#id` of the document, no expression. */
const isRelative = (reference: unknown): reference is string =>
  typeof reference === "string" && reference !== "" && !/^([a-z][a-z0-9+.-]*:|\/|#|\$\(|\$\{)/i.test(reference);

const isMap = (value: unknown): value is object => typeof value === "object" && value !== null && !Array.isArray(value);

/** `types.yml#pair`; names of types have no `#`, or it stands first. */
const isTypeOutside = (type: unknown): type is string => isRelative(type) && type.includes("#");
