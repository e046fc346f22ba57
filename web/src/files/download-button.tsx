import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { reasonOf } from "../api/client.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { downloadFile } from "./file-bytes.ts";

interface DownloadButtonProps {
  /** Ids. */
  files: readonly string[];
  children?: ReactNode;
  className?: string;
  "aria-label"?: string;
}

/** Saves files as the browser does, or says why it cannot. */
export function DownloadButton({ files, children = "Download", ...looks }: DownloadButtonProps) {
  const { mutate, error } = useMutation({ mutationFn: () => Promise.all(files.map(downloadFile)) });
  return (
    <>
      <button type="button" {...looks} onClick={() => mutate()}>
        {children}
      </button>
      {error && <ErrorNote>{reasonOf(error)}</ErrorNote>}
    </>
  );
}
