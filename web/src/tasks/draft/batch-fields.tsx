import type { AppInput } from "@causeway/contract/client";
import { useState } from "react";
import { counted } from "../../parts/words.ts";
import type { Task } from "../use-task.ts";
import { formType } from "./types.ts";
import type { useDraft } from "./use-draft.ts";

interface BatchFieldsProps {
  task: Task;
  inputs: readonly AppInput[];
  values: Readonly<Record<string, unknown>>;
  onChange: ReturnType<typeof useDraft>["change"];
}

interface GivenFile {
  name?: string;
  metadata?: Record<string, string>;
}

/** One task for each file, or for each group of files of equal metadata: with the groups before anything is made. */
export function BatchFields({ task, inputs, values, onChange }: BatchFieldsProps) {
  const lists = inputs.filter(({ type }) => takesFiles(type));
  const [input, setInput] = useState(task.batch_input ?? "");
  const [key, setKey] = useState(task.batch_by?.criteria?.[0]?.replace(/^metadata\./, "") ?? "");
  if (lists.length === 0) return null;
  const files = [values[input]].flat().filter((value) => typeof value === "object" && value !== null) as GivenFile[];
  const keys = [...new Set(files.flatMap(({ metadata = {} }) => Object.keys(metadata)))].sort();
  const groups = key === "" ? undefined : Map.groupBy(files, ({ metadata = {} }) => metadata[key] ?? "");
  const tell = (of: string, by: string) => {
    setInput(of);
    setKey(by);
    if (of === "") onChange({ batch: false, batch_input: null, batch_by: null });
    else
      onChange({
        batch: true,
        batch_input: of,
        batch_by: by === "" ? { type: "ITEM" } : { type: "CRITERIA", criteria: [`metadata.${by}`] },
      });
  };
  return (
    <details className="form-field" open={input !== ""}>
      <summary className="label">One task or many</summary>
      <p>
        <label>
          Make a task for each of{" "}
          <select value={input} onChange={({ target }) => tell(target.value, "")}>
            <option value="">(one task for everything)</option>
            {lists.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>{" "}
        {input !== "" && (
          <label>
            grouped by{" "}
            <select value={key} onChange={({ target }) => tell(input, target.value)}>
              <option value="">nothing: each file by itself</option>
              {keys.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
        )}
      </p>
      {input !== "" && (
        <div role="status">
          <p>
            {files.length === 0
              ? "Choose files above: they become the tasks."
              : `${counted(groups?.size ?? files.length, "task")} will be made.`}
          </p>
          {groups && (
            <ul>
              {[...groups].slice(0, 20).map(([value, members]) => (
                <li key={value}>
                  {value === "" ? "(without a value)" : value}: {members.map(({ name }) => name).join(", ")}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </details>
  );
}

const takesFiles = (type: AppInput["type"]): boolean =>
  formType(type).choices.some(
    (choice) => choice === "File" || (typeof choice === "object" && choice.type === "array" && takesFiles(choice.items)),
  );
