import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";
import { api, reasonOf } from "../api/client.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { Loading } from "../parts/loading.tsx";
import { Moment } from "../parts/moment.tsx";
import { bytesInWords } from "../parts/words.ts";
import type { Project } from "../projects/project.ts";
import { DownloadButton } from "./download-button.tsx";
import { MetadataForm } from "./metadata-form.tsx";
import { FilePreview } from "./previews/file-preview.tsx";

/** A file: what it holds, where it came from, its name, tags and metadata. */
export function FileDialog({ file, project, onClose }: { file: string; project: Project; onClose: () => void }) {
  const cache = useQueryClient();
  const { data, error } = useQuery({ queryKey: ["file", file], queryFn: () => api.getFile({ file }) });
  const change = useMutation({
    mutationFn: (body: Parameters<typeof api.updateFile>[0]["body"]) => api.updateFile({ file, body: body! }),
    onSuccess: (fresh) => {
      cache.setQueryData(["file", file], fresh);
      void cache.invalidateQueries({ queryKey: ["folder"] });
    },
  });
  const mayWrite = project.permissions.write;
  return (
    <Dialog title={data?.name ?? "File"} onClose={onClose} wide>
      {error && <ErrorNote>{reasonOf(error)}</ErrorNote>}
      {!data && !error && <Loading />}
      {data && (
        <>
          <p className="muted">
            {bytesInWords(data.size)}, changed <Moment at={data.modified_on} />
            {data.origin?.task !== undefined && (
              <>
                , made by <Link href={`/tasks/${data.origin.task}`}>a task</Link>
              </>
            )}
          </p>
          {project.permissions.copy ? (
            <>
              <DownloadButton files={[file]} />
              <FilePreview id={file} name={data.name} size={data.size ?? 0} />
            </>
          ) : (
            <p className="muted">You may see that it is there, and not what it holds.</p>
          )}
          <form
            className="fields"
            onSubmit={(event) => {
              event.preventDefault();
              const form = new FormData(event.currentTarget);
              const tags = String(form.get("tags"))
                .split(",")
                .map((tag) => tag.trim())
                .filter((tag) => tag !== "");
              change.mutate({ name: String(form.get("name")), tags });
            }}
          >
            <label>
              Name
              <input name="name" defaultValue={data.name} required disabled={!mayWrite} />
            </label>
            <label>
              Tags, separated by commas
              <input name="tags" defaultValue={data.tags?.join(", ")} disabled={!mayWrite} />
            </label>
            {mayWrite && (
              <button type="submit" disabled={change.isPending}>
                Save name and tags
              </button>
            )}
          </form>
          {change.error && <ErrorNote>{reasonOf(change.error)}</ErrorNote>}
          <MetadataForm file={file} metadata={data.metadata ?? {}} mayWrite={mayWrite} />
        </>
      )}
    </Dialog>
  );
}
