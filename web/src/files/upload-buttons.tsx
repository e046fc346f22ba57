import { useRef } from "react";
import { filesOfInput } from "./uploads/dropped-files.ts";
import { uploads } from "./uploads/upload-queue.ts";

/** Files and folders from this computer, for those who do not drop them. */
export function UploadButtons({ folder }: { folder: string }) {
  const files = useRef<HTMLInputElement>(null);
  const folders = useRef<HTMLInputElement>(null);
  const add = (input: HTMLInputElement) => {
    // The input is emptied for its next use, and with it its list.
    if (input.files) void uploads.add(folder, [...filesOfInput(input.files)]);
    input.value = "";
  };
  return (
    <>
      <button type="button" className="primary" onClick={() => files.current?.click()}>
        Upload files
      </button>
      <button type="button" onClick={() => folders.current?.click()}>
        Upload a folder
      </button>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={(event) => add(event.currentTarget)}
      />
      <input
        ref={folders}
        type="file"
        webkitdirectory=""
        hidden
        aria-label="Folder to upload"
        onChange={(event) => add(event.currentTarget)}
      />
    </>
  );
}
