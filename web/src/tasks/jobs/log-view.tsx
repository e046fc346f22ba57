import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { reasonOf } from "../../api/client.ts";
import { DownloadButton } from "../../files/download-button.tsx";
import { textOfFile } from "../../files/file-bytes.ts";
import { ErrorNote } from "../../parts/error-note.tsx";
import { bytesInWords } from "../../parts/words.ts";

const SHOWN_BYTES = 256 * 1024;

/** The end of a log; it follows as the log grows, unless somebody has scrolled up. */
export function LogView({ file, name, size }: { file: string; name: string; size: number }) {
  const { data: text, error } = useQuery({
    queryKey: ["log", file, size],
    queryFn: () => textOfFile(file, { last: SHOWN_BYTES, size }),
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const box = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: after every change of the text
  useEffect(() => {
    if (isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  if (error && text === undefined) return <ErrorNote>{reasonOf(error)}</ErrorNote>;
  return (
    <div className="log">
      <div className="toolbar">
        <span className="muted">
          {size > SHOWN_BYTES ? `the last ${bytesInWords(SHOWN_BYTES)} of ${bytesInWords(size)}` : ""}
        </span>
        <DownloadButton className="small" files={[file]}>
          Download {name}
        </DownloadButton>
      </div>
      <pre
        ref={box}
        role="region"
        tabIndex={0}
        aria-label={`Text of ${name}`}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
      >
        {text === "" ? "(empty)" : text}
      </pre>
    </div>
  );
}
