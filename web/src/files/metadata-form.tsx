import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId } from "react";
import { api, reasonOf } from "../api/client.ts";
import { ErrorNote } from "../parts/error-note.tsx";

interface MetadataFormProps {
  file: string;
  metadata: Readonly<Record<string, string>>;
  mayWrite: boolean;
}

/** What batches and searches go by. */
const USUAL = ["sample_id", "case_id", "library_id", "platform", "paired_end", "experimental_strategy", "reference_genome"];

/** Key by key; an emptied value removes its key. */
export function MetadataForm({ file, metadata, mayWrite }: MetadataFormProps) {
  const cache = useQueryClient();
  const usual = useId();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: Record<string, string | null>) => api.updateFileMetadata({ file, body }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ["file", file] });
      void cache.invalidateQueries({ queryKey: ["folder"] });
    },
  });
  return (
    <section aria-label="Metadata">
      <h3>Metadata</h3>
      <form
        className="fields"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          const changed: Record<string, string | null> = {};
          for (const key of Object.keys(metadata)) {
            const value = String(form.get(`value ${key}`));
            if (value !== metadata[key]) changed[key] = value === "" ? null : value;
          }
          const key = String(form.get("new key")).trim();
          if (key !== "") changed[key] = String(form.get("new value"));
          if (Object.keys(changed).length > 0) mutate(changed);
          event.currentTarget.reset();
        }}
      >
        {Object.entries(metadata).map(([key, value]) => (
          <label key={key}>
            {key}
            <input name={`value ${key}`} defaultValue={value} disabled={!mayWrite} />
          </label>
        ))}
        {Object.keys(metadata).length === 0 && <p className="muted">None yet.</p>}
        {mayWrite && (
          <>
            <div className="toolbar">
              <input name="new key" list={usual} placeholder="key" aria-label="New key" />
              <input name="new value" placeholder="value" aria-label="Value of the new key" />
              <datalist id={usual}>
                {USUAL.filter((key) => !(key in metadata)).map((key) => (
                  <option key={key} value={key} />
                ))}
              </datalist>
            </div>
            <button type="submit" disabled={isPending}>
              Save metadata
            </button>
          </>
        )}
      </form>
      {error && <ErrorNote>{reasonOf(error)}</ErrorNote>}
    </section>
  );
}
