import { useState } from "react";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { Loading } from "../parts/loading.tsx";
import type { Project } from "../projects/project.ts";
import { FileList } from "./file-list.tsx";
import { FolderCrumbs } from "./folder-crumbs.tsx";
import { type FileLine, useFolder } from "./use-folder.ts";

interface FilePickerProps {
  title: string;
  project: Pick<Project, "id" | "root_folder">;
  picks: "file" | "files" | "folder";
  /** Suffixes and names of formats; others are shown when asked for. */
  formats?: readonly string[];
  onPick: (picked: readonly FileLine[]) => void;
  onClose: () => void;
  failure?: string | undefined;
}

/** Chooses files or a folder of a project. */
export function FilePicker({ title, project, picks, formats = [], onPick, onClose, failure }: FilePickerProps) {
  const [folder, setFolder] = useState(project.root_folder);
  const [words, setWords] = useState("");
  const [showsAll, setShowsAll] = useState(false);
  const [chosen, setChosen] = useState<ReadonlyMap<string, FileLine>>(new Map());
  const { entries, total, isPending, hasMore, more } = useFolder(folder);
  const isWanted = ({ name, type }: FileLine) =>
    (words === "" || name.toLowerCase().includes(words.toLowerCase())) &&
    (type === "folder" || (picks !== "folder" && (showsAll || formats.length === 0 || hasFormat(name, formats))));
  const shown = entries.filter(isWanted);
  const choose = (ids: ReadonlySet<string>) => {
    const known = new Map([...chosen, ...entries.map((entry): [string, FileLine] => [entry.id, entry])]);
    const fresh = [...ids].filter((id) => !chosen.has(id));
    const kept = picks === "files" ? ids : fresh.length > 0 ? fresh.slice(-1) : ids;
    setChosen(new Map([...kept].map((id) => [id, known.get(id)!])));
  };
  const isFolder = picks === "folder";
  return (
    <Dialog title={title} onClose={onClose} wide>
      <div className="picker">
        <FolderCrumbs folder={folder} root={project.root_folder} onOpen={setFolder} />
        <div className="toolbar">
          <label>
            Find{" "}
            <input type="search" value={words} onChange={(event) => setWords(event.target.value)} placeholder="part of a name" />
          </label>
          {formats.length > 0 && !isFolder && (
            <label>
              <input type="checkbox" checked={showsAll} onChange={(event) => setShowsAll(event.target.checked)} /> Also other
              formats than {formats.join(", ")}
            </label>
          )}
        </div>
        {isPending && <Loading />}
        <FileList
          label="To choose from"
          entries={shown}
          total={words === "" ? total : shown.length}
          hasMore={hasMore}
          onMore={more}
          chosen={new Set(chosen.keys())}
          onChoose={choose}
          mayChoose={({ type }) => type === (isFolder ? "folder" : "file")}
          onOpen={(entry) => {
            if (entry.type === "folder") setFolder(entry.id);
            else choose(new Set([...chosen.keys(), entry.id]));
          }}
        />
        {failure !== undefined && <ErrorNote>{failure}</ErrorNote>}
        <div className="toolbar">
          <button
            type="button"
            className="primary"
            disabled={chosen.size === 0 && !isFolder}
            onClick={() => onPick(chosen.size === 0 ? [{ id: folder, name: "", type: "folder" }] : [...chosen.values()])}
          >
            {isFolder && chosen.size === 0
              ? "Choose the folder shown"
              : `Choose ${chosen.size > 1 ? `these ${chosen.size}` : "it"}`}
          </button>
          {chosen.size > 0 && <span className="muted clipped">{[...chosen.values()].map(({ name }) => name).join(", ")}</span>}
        </div>
      </div>
    </Dialog>
  );
}

/** By the suffix, with or without compression; formats are suffixes or names such as FASTQ. */
function hasFormat(name: string, formats: readonly string[]): boolean {
  const lower = name.toLowerCase();
  return formats.some((format) => {
    const wanted = format.toLowerCase().replace(/^\./, "");
    return lower.endsWith(`.${wanted}`) || lower.endsWith(`.${wanted}.gz`) || /^format_\d+$|^\d+$/.test(wanted);
  });
}
