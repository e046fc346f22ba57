import { useQuery } from "@tanstack/react-query";
import { reasonOf } from "../../api/client.ts";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Loading } from "../../parts/loading.tsx";
import { bytesInWords } from "../../parts/words.ts";
import { ImagePreview } from "./image-preview.tsx";
import { PagePreview } from "./page-preview.tsx";
import { readPreview } from "./read-preview.ts";
import { TablePreview } from "./table-preview.tsx";

/** What can be seen of a file without downloading it. */
export function FilePreview({ id, name, size }: { id: string; name: string; size: number }) {
  const { data, error } = useQuery({
    queryKey: ["preview", id, size],
    queryFn: ({ signal }) => readPreview(id, name, size, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  if (error && !data) return <ErrorNote>{reasonOf(error)}</ErrorNote>;
  if (!data) return <Loading what={`Reading ${name}`} />;
  switch (data.is) {
    case "picture":
      return <ImagePreview bytes={data.bytes} type={data.type} name={name} />;
    case "page":
      return <PagePreview html={data.html} name={name} />;
    case "table":
      return <TablePreview rows={data.rows} isWhole={data.isWhole} name={name} />;
    case "text":
      return (
        <figure className="text-preview">
          <pre role="region" tabIndex={0} aria-label={`Text of ${name}`}>
            {data.text === "" ? "(empty)" : data.text}
          </pre>
          {!data.isWhole && <figcaption className="muted">The beginning of {bytesInWords(size)}.</figcaption>}
        </figure>
      );
    case "nothing":
      return <p className="muted">{data.why}</p>;
  }
}
