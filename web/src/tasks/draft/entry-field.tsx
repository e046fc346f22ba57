import { useState } from "react";
import { FilePicker } from "../../files/file-picker.tsx";
import type { FileLine } from "../../files/use-folder.ts";
import { bytesInWords } from "../../parts/words.ts";
import type { FieldProps } from "./field-props.ts";
import { useForm } from "./form-context.ts";

interface EntryFieldProps extends Omit<FieldProps, "type"> {
  of: "File" | "Directory";
  isOptional: boolean;
}

/** A picked file or folder as the value of an input, with what the form shows of it. */
export const entryValue = (of: "File" | "Directory", { id, name, size, metadata }: FileLine) => ({
  class: of,
  path: id,
  name,
  size,
  metadata,
});

/** A file or folder of the project. */
export function EntryField({ id, label, value, onChange, formats, of, isOptional }: EntryFieldProps) {
  const { project } = useForm();
  const [isPicking, setPicking] = useState(false);
  const entry = value as { name?: string; path: string; size?: number } | null;
  const what = of === "File" ? "file" : "folder";
  return (
    <div className="entry">
      {entry ? (
        <>
          <span className="entry-name">{entry.name ?? entry.path}</span>
          {of === "File" && <span className="muted">{bytesInWords(entry.size)}</span>}
        </>
      ) : (
        <span className="muted">none chosen</span>
      )}
      <button type="button" id={id} onClick={() => setPicking(true)}>
        {entry ? `Choose another ${what}` : `Choose a ${what}`}
        <span className="hidden"> for {label}</span>
      </button>
      {entry && isOptional && (
        <button type="button" className="small" onClick={() => onChange(null)} aria-label={`Take the ${what} out of ${label}`}>
          Take out
        </button>
      )}
      {isPicking && (
        <FilePicker
          title={`A ${what} for ${label}`}
          project={project}
          picks={of === "File" ? "file" : "folder"}
          formats={formats}
          onClose={() => setPicking(false)}
          onPick={([picked]) => {
            if (picked) onChange(entryValue(of, picked));
            setPicking(false);
          }}
        />
      )}
    </div>
  );
}
