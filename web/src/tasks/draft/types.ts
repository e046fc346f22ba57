import type { PortType } from "@causeway/contract/client";

/** A type as a form sees it: whether it may be left out, and what it is otherwise. */
export interface FormType {
  isOptional: boolean;
  /** More than one: the user chooses which it is. */
  choices: readonly Exclude<PortType, PortType[]>[];
}

export function formType(type: PortType): FormType {
  const members = flat(type);
  return {
    isOptional: members.includes("null"),
    choices: members.filter((member) => member !== "null"),
  };
}

const flat = (type: PortType): Exclude<PortType, PortType[]>[] => (Array.isArray(type) ? type.flatMap(flat) : [type]);

/** `list of File`, `one of a few words` */
export function typeInWords(type: PortType): string {
  if (Array.isArray(type)) {
    const { isOptional, choices } = formType(type);
    return choices.map(typeInWords).join(" or ") + (isOptional ? ", optional" : "");
  }
  if (typeof type === "string") return WORDS[type] ?? type;
  if (type.type === "array") return `list of ${typeInWords(type.items)}`;
  return type.type === "enum" ? "one of a few words" : "record";
}

const WORDS: Readonly<Record<string, string>> = {
  int: "whole number",
  long: "whole number",
  float: "number",
  double: "number",
  boolean: "yes or no",
  string: "text",
  File: "file",
  Directory: "folder",
  Any: "any value",
};

/** Whether a value is of that member of a union, as far as a form has to tell. */
export function fits(type: Exclude<PortType, PortType[]>, value: unknown): boolean {
  if (typeof type === "string") {
    if (type === "File" || type === "Directory") return (value as { class?: string } | null)?.class === type;
    if (type === "boolean") return typeof value === "boolean";
    if (type === "string") return typeof value === "string";
    if (type === "Any") return true;
    return typeof value === "number" || typeof value === "bigint";
  }
  if (type.type === "array") return Array.isArray(value);
  if (type.type === "enum") return typeof value === "string" && type.symbols.includes(value);
  return typeof value === "object" && value !== null && !Array.isArray(value) && !("class" in value);
}

/** What a new item of a list begins with. */
export function emptyOf(type: PortType): unknown {
  const { isOptional, choices } = formType(type);
  const [first] = choices;
  if (isOptional || first === undefined) return null;
  if (first === "string") return "";
  if (first === "boolean") return false;
  if (typeof first === "object" && first.type === "array") return [];
  if (typeof first === "object" && first.type === "enum") return first.symbols[0];
  if (typeof first === "object") return {};
  return null;
}
