import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, reasonOf } from "../api/client.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { counted } from "../parts/words.ts";
import type { Project } from "../projects/project.ts";
import { DownloadButton } from "./download-button.tsx";
import { FilePicker } from "./file-picker.tsx";
import type { FileLine } from "./use-folder.ts";

interface FileActionsProps {
  project: Project;
  folder: string;
  chosen: readonly FileLine[];
  onDone: () => void;
}

/** What can be done with the chosen files and folders, and in the folder. */
export function FileActions({ project, folder, chosen, onDone }: FileActionsProps) {
  const [asks, setAsks] = useState<"folder" | "delete" | "move">();
  const cache = useQueryClient();
  const settled = () => {
    void cache.invalidateQueries({ queryKey: ["folder"] });
    setAsks(undefined);
    onDone();
  };
  const makeFolder = useMutation({
    mutationFn: (name: string) => api.createFolder({ body: { name, type: "folder", parent: folder } }),
    onSuccess: settled,
  });
  const remove = useMutation({
    mutationFn: async () => {
      const job = await api.startDelete({ body: { items: chosen.map(({ id }) => ({ file: id })) } });
      await finished(() => api.getDelete({ job: job.id }));
    },
    onSuccess: settled,
  });
  const move = useMutation({
    mutationFn: async (parent: string) => {
      const job = await api.startMove({ body: { items: chosen.map(({ id }) => ({ file: id, parent })) } });
      await finished(() => api.getMove({ job: job.id }));
    },
    onSuccess: settled,
  });
  const { write, copy } = project.permissions;
  const files = chosen.filter(({ type }) => type === "file");
  return (
    <>
      {write && (
        <button type="button" onClick={() => setAsks("folder")}>
          New folder
        </button>
      )}
      {chosen.length > 0 && (
        <>
          {copy && files.length > 0 && <DownloadButton files={files.map(({ id }) => id)} />}
          {write && (
            <button type="button" onClick={() => setAsks("move")}>
              Move
            </button>
          )}
          {write && (
            <button type="button" className="danger" onClick={() => setAsks("delete")}>
              Delete
            </button>
          )}
        </>
      )}
      {asks === "folder" && (
        <Dialog title="New folder" onClose={() => setAsks(undefined)}>
          <form
            className="fields"
            onSubmit={(event) => {
              event.preventDefault();
              makeFolder.mutate(String(new FormData(event.currentTarget).get("name")));
            }}
          >
            <label>
              Name
              <input name="name" required />
            </label>
            {makeFolder.error && <ErrorNote>{reasonOf(makeFolder.error)}</ErrorNote>}
            <button type="submit" className="primary" disabled={makeFolder.isPending}>
              Make it
            </button>
          </form>
        </Dialog>
      )}
      {asks === "delete" && (
        <Dialog title={`Delete ${counted(chosen.length, "entry", "entries")}?`} onClose={() => setAsks(undefined)}>
          <p>
            {chosen.length === 1 ? chosen[0]!.name : "These"}, with all that is in folders. Operators can bring it back for two
            weeks.
          </p>
          {remove.error && <ErrorNote>{reasonOf(remove.error)}</ErrorNote>}
          <button type="button" className="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
            {remove.isPending ? "Deleting…" : "Delete"}
          </button>
        </Dialog>
      )}
      {asks === "move" && (
        <FilePicker
          title={`Move ${counted(chosen.length, "entry", "entries")} to a folder`}
          project={project}
          picks="folder"
          onPick={([target]) => move.mutate(target!.id)}
          onClose={() => setAsks(undefined)}
          failure={move.error ? reasonOf(move.error) : undefined}
        />
      )}
    </>
  );
}

const LOOK_EVERY_MS = 400;

/** Waits for an operation that goes on in the background. @throws Error with what failed */
async function finished(look: () => Promise<{ state: string; failed_files?: number | null }>): Promise<void> {
  for (;;) {
    const { state, failed_files } = await look();
    if (state === "FINISHED") {
      if (failed_files) throw new Error(`${counted(failed_files, "file")} could not be changed.`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
