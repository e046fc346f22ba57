import { type DragEvent, useState } from "react";
import { useLocation } from "wouter";
import { reasonOf } from "../api/client.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { Loading } from "../parts/loading.tsx";
import { counted, numbered } from "../parts/words.ts";
import type { Project } from "../projects/project.ts";
import { FileActions } from "./file-actions.tsx";
import { FileDialog } from "./file-dialog.tsx";
import { FileList } from "./file-list.tsx";
import { FolderCrumbs } from "./folder-crumbs.tsx";
import { UploadButtons } from "./upload-buttons.tsx";
import { filesOfDrop } from "./uploads/dropped-files.ts";
import { uploads } from "./uploads/upload-queue.ts";
import { type FileLine, useFolder } from "./use-folder.ts";

/** The files of a folder: to look at, to bring in by dropping them, to take out, move and describe. */
export default function FileBrowser({ project, folder }: { project: Project; folder: string }) {
  const [, go] = useLocation();
  const { entries, total, isPending, error, hasMore, more } = useFolder(folder);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState<FileLine>();
  const [isOver, setOver] = useState(false);
  const openFolder = (id: string) =>
    go(id === project.root_folder ? `/projects/${project.id}/files` : `/projects/${project.id}/files/${id}`);
  const mayWrite = project.permissions.write;
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (mayWrite) void uploads.add(folder, filesOfDrop(event.dataTransfer));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons do the same by keyboard
    <div
      className={isOver && mayWrite ? "drop-here" : ""}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <FolderCrumbs folder={folder} root={project.root_folder} onOpen={openFolder} />
      <div className="toolbar">
        {mayWrite && <UploadButtons folder={folder} />}
        <FileActions
          project={project}
          folder={folder}
          chosen={entries.filter(({ id }) => chosen.has(id))}
          onDone={() => setChosen(new Set())}
        />
        <span className="muted" role="status">
          {chosen.size > 0
            ? `${numbered(chosen.size)} of ${counted(total, "entry", "entries")} chosen`
            : counted(total, "entry", "entries")}
        </span>
      </div>
      {error && <ErrorNote>{reasonOf(error)}</ErrorNote>}
      {isPending && <Loading what="Loading the folder" />}
      {!isPending && total === 0 && entries.length === 0 && (
        <p className="empty">
          {mayWrite ? "Nothing is here yet. Drop files or whole folders onto this page." : "Nothing is here."}
        </p>
      )}
      {entries.length > 0 && (
        <FileList
          label="Files and folders"
          entries={entries}
          total={total}
          hasMore={hasMore}
          onMore={more}
          chosen={chosen}
          onChoose={setChosen}
          onOpen={(entry) => (entry.type === "folder" ? openFolder(entry.id) : setShown(entry))}
        />
      )}
      {shown && <FileDialog file={shown.id} project={project} onClose={() => setShown(undefined)} />}
    </div>
  );
}
