import type { PortType } from "@causeway/contract/client";
import type { ComponentType } from "react";
import type { FieldProps } from "./field-props.ts";
import { formType, typeInWords } from "./types.ts";

interface RecordFieldProps extends Omit<FieldProps, "type"> {
  fields: readonly { name: string; type: PortType; label?: string; doc?: string }[];
  /** The field of one of them. */
  Field: ComponentType<FieldProps>;
}

/** A record: its fields below each other. */
export function RecordField({ id, value, onChange, fields, Field, formats, isWrong }: RecordFieldProps) {
  const record = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  return fields.map(({ name, type, label = name, doc }) => (
    <div className="form-field" key={name}>
      <span className="label">
        {label} {!formType(type).isOptional && <span aria-hidden="true">*</span>}{" "}
        <span className="chip">{typeInWords(type)}</span>
      </span>
      {doc !== undefined && <p className="doc">{doc}</p>}
      <Field
        id={`${id}-${name}`}
        label={label}
        type={type}
        value={record[name] ?? null}
        onChange={(inner) => onChange({ ...record, [name]: inner })}
        formats={formats}
        isWrong={isWrong && (record[name] ?? null) === null && !formType(type).isOptional}
      />
    </div>
  ));
}
