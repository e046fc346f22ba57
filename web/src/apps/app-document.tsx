import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { api, reasonOf } from "../api/client.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { Loading } from "../parts/loading.tsx";

interface AppDocumentProps {
  owner: string;
  project: string;
  name: string;
  revision: number;
  latest: number;
}

/** The document of a revision; changed, it becomes the next. */
export function AppDocument({ owner, project, name, revision, latest }: AppDocumentProps) {
  const cache = useQueryClient();
  const [, go] = useLocation();
  const [text, setText] = useState<string>();
  const { data, error } = useQuery({
    queryKey: ["app-raw", owner, project, name, revision],
    queryFn: async () => JSON.stringify(await api.getAppRevisionRaw({ owner, project, name, revision }), withoutServerKeys, 2),
  });
  const save = useMutation({
    mutationFn: (body: string) => api.createAppRevision({ owner, project, name, revision: latest + 1, body }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ["app-view"] });
      setText(undefined);
      go(`/apps/${owner}/${project}/${name}/${latest + 1}`);
    },
  });
  if (error && data === undefined) return <ErrorNote>{reasonOf(error)}</ErrorNote>;
  if (data === undefined) return <Loading what="Loading the document" />;
  return (
    <section aria-label="Document">
      <div className="toolbar">
        <CopyButton text={text ?? data} what="the document" />
        {text === undefined ? (
          <button type="button" onClick={() => setText(data)}>
            Change it
          </button>
        ) : (
          <>
            <button type="button" className="primary" disabled={save.isPending} onClick={() => save.mutate(text)}>
              Save as revision {latest + 1}
            </button>
            <button type="button" onClick={() => setText(undefined)}>
              Leave it as it is
            </button>
          </>
        )}
      </div>
      {save.error && <ErrorNote>{reasonOf(save.error)}</ErrorNote>}
      {text === undefined ? (
        <pre role="region" tabIndex={0} aria-label="Text of the document">
          {data}
        </pre>
      ) : (
        <textarea
          className="code"
          aria-label="Text of the document"
          rows={28}
          style={{ width: "100%" }}
          value={text}
          onChange={({ target }) => setText(target.value)}
          spellCheck={false}
        />
      )}
    </section>
  );
}

/** The platform writes these anew. */
const SERVERS =
  /^sbg:(id|revision|revisionNotes|modifiedOn|modifiedBy|createdOn|createdBy|project|projectName|latestRevision|revisionsInfo|contributors|validationErrors|validationWarnings|appVersion|sbgMaintained|content_hash|workflowLanguage|image_url|copyOf)$/;

const withoutServerKeys = (key: string, value: unknown): unknown => (SERVERS.test(key) ? undefined : value);
