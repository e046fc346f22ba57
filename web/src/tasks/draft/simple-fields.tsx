import { useState } from "react";
import type { FieldProps } from "./field-props.ts";

type Simple = Omit<FieldProps, "type">;

export function TextField({ id, label, value, onChange, isWrong, isOptional }: Simple & { isOptional: boolean }) {
  return (
    <input
      id={id}
      aria-label={label}
      aria-invalid={isWrong}
      value={typeof value === "string" ? value : ""}
      onChange={({ target }) => onChange(target.value === "" && isOptional ? null : target.value)}
    />
  );
}

/** What is typed stays as it is; only a number is a value. */
export function NumberField({ id, label, value, onChange, isWrong, isWhole }: Simple & { isWhole: boolean }) {
  const [text, setText] = useState(value === null || value === undefined ? "" : String(value));
  const isNumber = text === "" || (isWhole ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i).test(text.trim());
  return (
    <>
      <input
        id={id}
        aria-label={label}
        inputMode={isWhole ? "numeric" : "decimal"}
        aria-invalid={isWrong || !isNumber}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          onChange(numberOf(target.value.trim(), isWhole));
        }}
      />
      {!isNumber && <p className="note bad">This is no {isWhole ? "whole number" : "number"}.</p>}
    </>
  );
}

/** Whole numbers have 64 bits in CWL, and 53 here. What is no number goes as it is, for the platform to refuse. */
function numberOf(text: string, isWhole: boolean): unknown {
  if (text === "") return null;
  const number = Number(text);
  if (Number.isNaN(number)) return text;
  if (!isWhole || Number.isSafeInteger(number) || !/^[+-]?\d+$/.test(text)) return number;
  return BigInt(text.replace("+", ""));
}

export function YesNoField({ id, label, value, onChange, isWrong, isOptional }: Simple & { isOptional: boolean }) {
  return (
    <select
      id={id}
      aria-label={label}
      aria-invalid={isWrong}
      value={value === null || value === undefined ? "" : String(value)}
      onChange={({ target }) => onChange(target.value === "" ? null : target.value === "true")}
    >
      <option value="" disabled={!isOptional}>
        not given
      </option>
      <option value="true">yes</option>
      <option value="false">no</option>
    </select>
  );
}

export function WordField({
  id,
  label,
  value,
  onChange,
  isWrong,
  words,
  isOptional,
}: Simple & { words: readonly string[]; isOptional: boolean }) {
  return (
    <select
      id={id}
      aria-label={label}
      aria-invalid={isWrong}
      value={typeof value === "string" ? value : ""}
      onChange={({ target }) => onChange(target.value === "" ? null : target.value)}
    >
      <option value="" disabled={!isOptional}>
        not given
      </option>
      {words.map((word) => (
        <option key={word}>{word}</option>
      ))}
    </select>
  );
}

/** Of a type that may be anything: JSON. */
export function JsonField({ id, label, value, onChange, isWrong }: Simple) {
  const [text, setText] = useState(value === null || value === undefined ? "" : JSON.stringify(value, null, 2));
  const parsed = parsedOf(text);
  return (
    <>
      <textarea
        id={id}
        aria-label={`${label}, as JSON`}
        className="code"
        rows={4}
        aria-invalid={isWrong || !parsed}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          const found = parsedOf(target.value);
          if (found) onChange(found.value);
        }}
      />
      {!parsed && <p className="note bad">This is no JSON: texts stand in double quotes.</p>}
    </>
  );
}

function parsedOf(text: string): { value: unknown } | undefined {
  if (text.trim() === "") return { value: null };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
