import { createHash } from "node:crypto";

/** Status and code of a refusal. */
export type S3Refusal = readonly [status: number, code: string];

/** What the small S3 server answers; 200 unless it says otherwise. */
export interface Said {
  status?: number;
  headers?: Record<string, string | number>;
  body?: string | Buffer;
}

export const refused = ([status, code]: S3Refusal): Said => ({
  status,
  headers: { "content-type": "application/xml" },
  body: `<Error><Code>${code}</Code></Error>`,
});

export const etagOf = (bytes: Buffer): string => `"${createHash("md5").update(bytes).digest("hex")}"`;
