import { useSyncExternalStore } from "react";
import { bytesInWords, counted, durationInWords, numbered } from "../parts/words.ts";
import { uploads } from "./uploads/upload-queue.ts";

/** How the uploads are getting on, in a corner of every screen while there are any. */
export function UploadTray() {
  const state = useSyncExternalStore(uploads.subscribe, uploads.state);
  const { files, done, skipped, failed, bytes, sentBytes, speed, isActive, isReading } = state;
  if (files === 0 && failed.length === 0) return null;
  const again = failed.filter((each) => each.again).length;
  const left = speed > 0 ? durationInWords(((bytes - sentBytes) / speed) * 1000) : undefined;
  return (
    <section className="tray" aria-label="Uploads">
      <p role="status">
        <strong>{isActive ? "Uploading" : failed.length > 0 ? "Uploaded, with failures" : "Uploaded"}</strong>{" "}
        {numbered(done + skipped)} of {counted(files, "file")}
        {isReading && " (still reading the folder)"}
        {skipped > 0 && `, ${numbered(skipped)} of them there already`}
      </p>
      <progress max={Math.max(1, bytes)} value={bytes === 0 ? 1 : sentBytes} aria-label="Bytes sent" />
      <p className="muted">
        {bytesInWords(sentBytes)} of {bytesInWords(bytes)}
        {isActive && speed > 0 && `, ${bytesInWords(speed)} a second, ${left} left`}
      </p>
      {failed.length > 0 && (
        <>
          <ul className="lines">
            {failed.slice(0, 20).map(({ name, why }) => (
              <li key={name}>
                {name}: {why}
              </li>
            ))}
          </ul>
          {again > 0 && (
            <button type="button" onClick={() => uploads.retry()}>
              Try {counted(again, "file")} again
            </button>
          )}
        </>
      )}
      <div className="toolbar">
        {isActive ? (
          <button type="button" onClick={() => uploads.cancel()}>
            Give up
          </button>
        ) : (
          <button type="button" onClick={() => uploads.clear()}>
            Close
          </button>
        )}
      </div>
    </section>
  );
}
