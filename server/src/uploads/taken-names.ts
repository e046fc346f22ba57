import { ApiError } from "../http/errors.ts";

/**
 * Refuses an upload to a name that something has, unless that is a file and the upload overwrites.
 *
 * @throws ApiError `uploadFileExists`
 */
export function refuseTaken({ taken, overwrite }: { taken: "file" | "folder" | null; overwrite: boolean }): void {
  if (taken !== null && (!overwrite || taken === "folder")) throw new ApiError("uploadFileExists");
}
