import type { AppInput } from "@causeway/contract/client";
import { useId } from "react";
import { useForm } from "./form-context.ts";
import { formType, typeInWords } from "./types.ts";
import { ValueField } from "./value-field.tsx";

interface PortFieldProps {
  port: AppInput;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** One input of the app: its name, what it means, its value, and what is wrong with that. */
export function PortField({ port, value, onChange }: PortFieldProps) {
  const { problems } = useForm();
  const id = useId();
  const own = problems.filter(({ input }) => (input ?? "").split(/[.[]/)[0] === port.id);
  const wanted = typeInWords(port.type);
  const isSimple = formType(port.type).choices.length === 1 && typeof formType(port.type).choices[0] === "string";
  const heading = (
    <>
      {port.label} {port.required && <span aria-hidden="true">*</span>} <span className="chip">{wanted}</span>
      {port.required && <span className="hidden"> (required)</span>}
    </>
  );
  const body = (
    <>
      {port.doc !== "" && (
        <p className="doc" id={`${id}-doc`}>
          {port.doc}
        </p>
      )}
      {port.secondary_files.length > 0 && <p className="doc">With files beside it: {port.secondary_files.join(", ")}</p>}
      <ValueField
        id={id}
        label={port.label}
        type={port.type}
        value={value}
        onChange={onChange}
        formats={port.formats}
        isWrong={own.length > 0}
      />
      {value === null && port.default !== null && <p className="doc">Unless given: {JSON.stringify(port.default)}</p>}
      {own.map(({ code, input, message }) => (
        <p className="note bad" key={code + input + message}>
          {message}
        </p>
      ))}
    </>
  );
  return isSimple ? (
    <div className="form-field">
      <label className="label" htmlFor={id}>
        {heading}
      </label>
      {body}
    </div>
  ) : (
    <fieldset className="form-field">
      <legend>{heading}</legend>
      {body}
    </fieldset>
  );
}
