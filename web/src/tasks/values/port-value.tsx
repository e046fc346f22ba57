import { useState } from "react";
import { DownloadButton } from "../../files/download-button.tsx";
import { FilePreview } from "../../files/previews/file-preview.tsx";
import { Icon } from "../../parts/icon.tsx";
import { bytesInWords } from "../../parts/words.ts";

/** A file or folder as values of tasks have it. */
interface Entry {
  class: "File" | "Directory";
  path: string;
  name: string;
  size?: number;
  secondaryFiles?: Entry[];
}

const isEntry = (value: unknown): value is Entry =>
  typeof value === "object" && value !== null && "class" in value && (value.class === "File" || value.class === "Directory");

const SHOWN = 50;

/** A value of any type of CWL. */
export function PortValue({ value, previews = false }: { value: unknown; previews?: boolean }) {
  const [isWhole, setWhole] = useState(false);
  if (value === null || value === undefined) return <span className="muted">none</span>;
  if (isEntry(value)) return <EntryValue entry={value} previews={previews} />;
  if (Array.isArray(value)) {
    const shown = isWhole ? value : value.slice(0, SHOWN);
    return (
      <>
        <ul className="values">
          {shown.map((item, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a value has no other name
            <li key={index}>
              <PortValue value={item} previews={previews} />
            </li>
          ))}
        </ul>
        {shown.length < value.length && (
          <button type="button" onClick={() => setWhole(true)}>
            Show all {value.length}
          </button>
        )}
      </>
    );
  }
  if (typeof value === "object") {
    return (
      <dl className="pairs">
        {Object.entries(value).map(([key, inner]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>
              <PortValue value={inner} previews={previews} />
            </dd>
          </div>
        ))}
      </dl>
    );
  }
  return <code>{String(value)}</code>;
}

function EntryValue({ entry, previews }: { entry: Entry; previews: boolean }) {
  const [isOpen, setOpen] = useState(previews && isPicture(entry));
  const isFile = entry.class === "File";
  return (
    <div className="entry">
      <span className="entry-name">
        {!isFile && <Icon of="folder" />}
        {entry.name}
      </span>
      {isFile && <span className="muted">{bytesInWords(entry.size)}</span>}
      {isFile && (
        <>
          <button
            type="button"
            className="small"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
            aria-label={`${isOpen ? "Hide" : "Show"} ${entry.name}`}
          >
            {isOpen ? "Hide" : "Show"}
          </button>
          <DownloadButton className="small" files={[entry.path]} aria-label={`Download ${entry.name}`} />
        </>
      )}
      {entry.secondaryFiles && entry.secondaryFiles.length > 0 && (
        <div className="muted">with {entry.secondaryFiles.map(({ name }) => name).join(", ")}</div>
      )}
      {isOpen && <FilePreview id={entry.path} name={entry.name} size={entry.size ?? 0} />}
    </div>
  );
}

/** Small pictures among outputs are shown at once: they are what somebody waited for. */
const isPicture = ({ name, size = 0 }: Entry): boolean => /\.(png|jpe?g|svg|gif|webp)$/i.test(name) && size < 5_000_000;
