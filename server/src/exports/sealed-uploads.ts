import { sealedColumn } from "../secrets/rotation.ts";

export const uploadAbout = (exportId: string): string => `exports.upload ${exportId}`;

/** The uploads of exports under way, for a rotation of keys: whoever has one can write what the credentials can. */
export const EXPORT_UPLOADS = sealedColumn("exports", "upload", uploadAbout);
