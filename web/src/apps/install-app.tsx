import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { api, reasonOf } from "../api/client.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { type Project, projectParams } from "../projects/project.ts";

/** An app out of a CWL document: a file, or a text that is pasted. */
export function InstallApp({ project, onClose }: { project: Project; onClose: () => void }) {
  const cache = useQueryClient();
  const [, go] = useLocation();
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const install = useMutation({
    mutationFn: () => api.createApp({ ...projectParams(project.id), name, body: text }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ["apps", project.id] });
      go(`/apps/${project.id}/${name.toLowerCase()}`);
    },
  });
  return (
    <Dialog title="Install an app" onClose={onClose} wide>
      <form
        className="fields"
        onSubmit={(event) => {
          event.preventDefault();
          install.mutate();
        }}
      >
        <label>
          CWL file
          <input
            type="file"
            accept=".cwl,.json,.yml,.yaml"
            onChange={async ({ target }) => {
              const file = target.files?.[0];
              if (!file) return;
              setText(await file.text());
              if (name === "")
                setName(
                  file.name
                    .replace(/\.\w+$/, "")
                    .replace(/[^A-Za-z0-9_-]+/g, "-")
                    .toLowerCase(),
                );
            }}
          />
        </label>
        <label>
          or its text
          <textarea
            className="code"
            rows={14}
            required
            value={text}
            onChange={({ target }) => setText(target.value)}
            spellCheck={false}
          />
        </label>
        <label>
          Name in addresses
          <input
            value={name}
            required
            pattern="[A-Za-z0-9_\-]*[A-Za-z_\-][A-Za-z0-9_\-]*"
            onChange={({ target }) => setName(target.value)}
          />
        </label>
        <p className="muted">A document that imports others is packed into one first: causeway app install does that.</p>
        {install.error && <ErrorNote>{reasonOf(install.error)}</ErrorNote>}
        <button type="submit" className="primary" disabled={install.isPending}>
          {install.isPending ? "Installing…" : "Install"}
        </button>
      </form>
    </Dialog>
  );
}
