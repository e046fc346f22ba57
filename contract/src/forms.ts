import { type Static, type TSchema, type TSchemaOptions, Type } from "typebox";
import { parseDay, parseTime } from "./dates.ts";

/**
 * How leniently the value of a request is read; `check.ts` obeys these keywords, and OpenAPI leaves them out.
 */
export interface Lenience {
  /** What is allowed, in words, for the detail of an error: "a UUID". */
  "x-form"?: string;
  /** Any case is taken, lower case kept. */
  "x-lower"?: true;
  /** `null` and `""` count as absent. */
  "x-blank-absent"?: true;
  /** `null` counts as absent, also in a PATCH, where it is refused otherwise. */
  "x-null-absent"?: true;
  /** A number or a boolean counts as its JSON text. */
  "x-as-text"?: true;
  /** `"yes"` and `"no"` are booleans, too. */
  "x-yes-no"?: true;
  /** An array that may also come as an object, under this key; `{}` is `[]`. */
  "x-also-under"?: string;
  /** Another name that the key may come under. */
  "x-alias"?: string;
  /** In a query: the values may hold commas, so they are only repeated, never split. */
  "x-whole"?: true;
  /** In a query: an object whose keys come dotted, `metadata.sample_id=S1`. */
  "x-dotted"?: true;
}

type Options = TSchemaOptions & Lenience;

/** A file or folder. */
export const FileId = (description: string, options: Options = {}) =>
  Type.String({ description, pattern: "^[0-9a-f]{24}$", "x-lower": true, "x-form": "24 hexadecimal digits", ...options });

export const Uuid = (description: string, options: Options = {}) =>
  Type.String({
    description,
    pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    "x-lower": true,
    "x-form": "a UUID",
    ...options,
  });

/** `owner/short-name`. */
export const ProjectPath = (description: string, options: Options = {}) =>
  Type.String({ description, pattern: "^[^/]+/[^/]+$", "x-form": "`owner/project`", ...options });

/** A text that is not blank. */
export const Filled = (description: string, options: Options = {}) =>
  Type.String({ description, pattern: "\\S", "x-form": "a text that is not blank", ...options });

/** One of a few words; any case is taken, and the one given here is kept. */
export const OneOf = <Words extends string[]>(words: readonly [...Words], description: string, options: Options = {}) =>
  Type.Enum<Words>(words, { description, ...options });

/** Several values: in a query repeated or separated by commas. */
export const Texts = (description: string, options: Options = {}) => Type.Array(Type.String(), { description, ...options });

/** A time of a filter, leniently written; read it with `parseTime`. */
export const TimeFilter = (description: string, options: Options = {}) =>
  Type.Refine(
    Type.String({ description, "x-form": "a time such as `2026-03-02T08:21:40Z`", ...options }),
    (text) => parseTime(text) !== undefined,
  );

/** A day of a billing breakdown; read it with `parseDay`. */
export const DayFilter = (description: string, options: Options = {}) =>
  Type.Refine(
    Type.String({ description, "x-form": "a day written `mm-dd-yyyy`", ...options }),
    (text) => parseDay(text) !== undefined,
  );

/** A moment in an answer: UTC, whole seconds. */
export const Timestamp = (description: string) =>
  Type.String({ description, pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$", examples: ["2026-03-02T08:21:40Z"] });

/** An absolute address in an answer. */
export const Href = (description: string) => Type.String({ description, pattern: "^https?://" });

/** A value that an answer always has, but that may be null. */
export const Nullable = <S extends TSchema>(schema: S, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });

/** An object of an answer: these keys and no others. */
export const Answer = <P extends Record<string, TSchema>>(properties: P, options: TSchemaOptions = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

/** Of an object in a request beside the public API: unknown keys are refused. */
export const Strict = { additionalProperties: false };

/** Values by free keys. (A record of TypeBox checks keys against `^.*$`, which one with a line break escapes.) */
export const MapOf = <S extends TSchema>(values: S, options: Options = {}) =>
  Type.Unsafe<Record<string, Static<S>>>({ type: "object", additionalProperties: values, ...options });
