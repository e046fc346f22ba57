import { type TSchema, Type } from "typebox";
import { Answer, Href } from "../forms.ts";
import { ErrorBody } from "../general/shapes.ts";
import { EXAMPLES } from "./examples.ts";
import { SHAPES } from "./shapes.ts";

/** A JSON Schema of the document: plain JSON, without our own keywords. */
export type PlainSchema = Record<string, unknown>;

/** The schemas of one document; those asked for by reference become its components. */
export interface Components {
  /** The schema, or a reference to the component that it is. */
  reference(schema: TSchema): PlainSchema;
  /** The same thing with any of its keys missing: an item of a list. */
  narrowed(schema: TSchema): PlainSchema;
  /** The schema itself. */
  inline(schema: TSchema): PlainSchema;
  /** Every component, by name. */
  schemas(): Record<string, PlainSchema>;
}

const PageLink = Answer({
  href: Href("A neighbouring page."),
  rel: Type.Enum(["next", "prev"]),
  method: Type.Literal("GET"),
});

const NAMED: readonly (readonly [string, TSchema])[] = Object.entries({ ...SHAPES, PageLink });

export function createComponents(): Components {
  const names = new Map(NAMED.map(([name, schema]) => [schema, name]));
  const used = new Map<string, PlainSchema>();

  const component = (name: string, make: () => PlainSchema): PlainSchema => {
    if (!used.has(name)) {
      used.set(name, {}); // A shape that holds itself must not be made twice.
      const example = EXAMPLES[name];
      used.set(name, { ...make(), ...(example === undefined ? {} : { examples: [example] }) });
    }
    return { $ref: `#/components/schemas/${name}` };
  };

  const reference = (schema: TSchema): PlainSchema => {
    const name = names.get(schema);
    return name === undefined ? inline(schema) : component(name, () => inline(schema));
  };

  /** Copies the schema, its named parts by reference, and leaves out what only `check.ts` reads. */
  const inline = (schema: TSchema): PlainSchema => {
    const copy: PlainSchema = {};
    for (const [key, value] of Object.entries(schema)) {
      if (!key.startsWith("x-")) copy[key] = key === "properties" ? properties(value as Record<string, TSchema>) : part(value);
    }
    return copy;
  };
  const properties = (all: Record<string, TSchema>) =>
    Object.fromEntries(Object.entries(all).map(([key, schema]) => [key, reference(schema)]));
  const part = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(part);
    return typeof value === "object" && value !== null ? reference(value as TSchema) : value;
  };

  reference(ErrorBody);
  reference(PageLink);
  return {
    reference,
    inline,
    narrowed: (schema) => {
      const optional = () => {
        const { required: _, ...rest } = inline(schema);
        return rest;
      };
      const name = names.get(schema);
      return name === undefined ? optional() : component(`${name}InList`, optional);
    },
    schemas: () => Object.fromEntries([...used].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
