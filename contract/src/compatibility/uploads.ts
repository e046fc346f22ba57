import type { Comparisons } from "./comparison.ts";

/** uploads.md. */
export const UPLOADS: Comparisons<"uploads"> = {
  startUpload: {
    chosen: [
      "`part_size`: what was asked for if it is 5 MiB to 5 GiB and makes at most 10,000 parts, else 32 MiB or as much as it takes. `parallel_uploads` is always true.",
      "A taken name is refused (409/8004) now and again when the upload is completed. With `overwrite` the old file goes at completion, in the same moment as the new one comes.",
      "409/8006: another user has an upload to the same name in the same folder, and neither overwrites. One's own uploads may meet; the first that is completed wins.",
      'The answer to the start of a file that fits into one part has a header `Link: <…>; rel="item"; title="part 1"`: the address of its bytes, for which nobody has to ask any more. Where the bytes go to a bucket it is not there.',
      '8004 and 8005 mean "exists already" and "does not exist", as in the older table; a newer one has them the other way round.',
    ],
  },
  listUploads: {
    differs: [
      "A list in pages with the usual keys and the header of its total, and `parent` with each item: the vendor documents `items` alone.",
    ],
    chosen: ["One's own uploads, newest first."],
  },
  getUpload: {
    chosen: [
      "Only who started an upload sees it (403/8001). An upload to which nothing comes for 7 days is gone, as one whose folder or project is deleted; operators can set another time.",
    ],
  },
  getUploadPart: {
    differs: [
      "The address is one of this platform (`/storage/u/…`), or of the operators' own bucket. It works for 24 hours unless they set another time.",
    ],
    chosen: ["Part numbers up to 10,000 are taken whatever the size says. 409/8008 while the upload is being completed."],
  },
  reportUploadPart: {
    chosen: [
      "The ETag is compared, with or without quotes, with that of the bytes stored last: 400/8014 if it is another. The last report of a part counts.",
      "An ETag is an opaque text here, no MD5.",
    ],
  },
  reportUploadParts: { chosen: ["All or nothing; answers the reports as they were taken."] },
  completeUpload: {
    differs: ["Completing again within a day answers the same file, where the vendor's upload is gone."],
    chosen: [
      "200. Parts may have any size, also 0 bytes, since clients cut files in odd ways: only the sum must be the declared `size` (409/8007), and the numbers have no gap.",
      "`md5` is kept and not compared.",
    ],
  },
  abortUpload: { chosen: ["204. 409/8009 while the upload is being completed."] },
};
