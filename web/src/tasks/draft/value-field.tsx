import type { PortType } from "@causeway/contract/client";
import { useState } from "react";
import { EntryField } from "./entry-field.tsx";
import type { FieldProps } from "./field-props.ts";
import { ListField } from "./list-field.tsx";
import { RecordField } from "./record-field.tsx";
import { JsonField, NumberField, TextField, WordField, YesNoField } from "./simple-fields.tsx";
import { emptyOf, fits, formType, typeInWords } from "./types.ts";

/** A value of any type: of a union one chooses which of its types it is. */
export function ValueField({ type, value, ...others }: FieldProps) {
  const { isOptional, choices } = formType(type);
  const known = choices.findIndex((choice) => value !== null && fits(choice, value));
  const [chosen, setChosen] = useState(Math.max(0, known));
  const at = known >= 0 ? known : chosen;
  const choice = choices[at];
  if (choice === undefined) return <p className="muted">Nothing can be given.</p>;
  return (
    <>
      {choices.length > 1 && (
        <select
          aria-label={`Type of ${others.label}`}
          value={at}
          onChange={(event) => {
            const index = Number(event.target.value);
            setChosen(index);
            others.onChange(isOptional ? null : emptyOf(choices[index]!));
          }}
        >
          {choices.map((one, index) => (
            <option key={typeInWords(one)} value={index}>
              {typeInWords(one)}
            </option>
          ))}
        </select>
      )}
      <OneType key={at} {...others} type={choice} value={value} isOptional={isOptional} />
    </>
  );
}

type Choice = Exclude<PortType, PortType[]>;

function OneType({ type, isOptional, ...field }: FieldProps<Choice> & { isOptional: boolean }) {
  if (typeof type === "object") {
    if (type.type === "array") return <ListField {...field} Item={ValueField} items={type.items} isOptional={isOptional} />;
    if (type.type === "enum") return <WordField {...field} words={type.symbols} isOptional={isOptional} />;
    return <RecordField {...field} Field={ValueField} fields={type.fields} />;
  }
  switch (type) {
    case "File":
    case "Directory":
      return <EntryField {...field} of={type} isOptional={isOptional} />;
    case "boolean":
      return <YesNoField {...field} isOptional={isOptional} />;
    case "int":
    case "long":
      return <NumberField {...field} isWhole />;
    case "float":
    case "double":
      return <NumberField {...field} isWhole={false} />;
    case "string":
      return <TextField {...field} isOptional={isOptional} />;
    default:
      return <JsonField {...field} />;
  }
}
