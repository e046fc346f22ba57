const MiB = 1024 * 1024;

/** The limits of multipart uploads (uploads.md §5.1). */
export const UPLOAD_LIMITS = {
  /** Parts of one upload. */
  parts: 10_000,
  /** Bytes. */
  minPartSize: 5 * MiB,
  maxPartSize: 5 * 1024 * MiB,
  defaultPartSize: 32 * MiB,
  maxSize: 5 * 1024 * 1024 * MiB,
} as const;
