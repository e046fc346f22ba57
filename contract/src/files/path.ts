import { Type } from "typebox";
import { FileId } from "../forms.ts";

/** What the calls on one file or folder share. */
export const FilePath = Type.Object({ file: FileId("The file's or folder's id.") });

/** What is no id of ours cannot be there: only an empty one has an error of its own. */
export const filePathRefusals = { "params/file": "fileNotFound", "params/file#empty": "fileIdEmpty" } as const;

export const fileErrors = ["fileForbidden", "fileNotFound", "fileIdEmpty"] as const;
