import type { Comparisons } from "./comparison.ts";

const LIST = "Folders come first, then files, each by the bytes of their names.";

/** files.md §1-3, §8-9. */
export const FILES: Comparisons<"files"> = {
  listFiles: {
    differs: ["There are no data sets: `dataset` is 404/90003."],
    chosen: [
      LIST,
      "Items have `href, id, name, project, parent, type` unless `fields` says more.",
      "Several values of one filter are alternatives, different filters add up, nothing below the folder is looked at. `metadata.key=` and `metadata.key=null` find files without the key, `name=` finds nothing; filters by metadata, tag and origin leave folders out.",
      "No place, or a malformed project, is 400/5005; more than one 400/5031; a `parent` that is a file 400/5022.",
    ],
  },
  listProjectFiles: {
    differs: ["Answered directly; the vendor's documentation speaks of a redirect."],
    chosen: [LIST],
  },
  listFolder: { chosen: [LIST, "Filters of `GET /files` are ignored here."] },
  scrollFiles: {
    chosen: [
      "`token=init` is needed for the first page. `offset` and filters by metadata are 400/90000. A token that cannot be decoded is 400/57000, one that is not ours 400/57001. Tokens do not expire.",
    ],
  },
  scrollFolder: { chosen: ["As `GET /files/scroll`."] },
  createFolder: {
    chosen: ["200. The codes of what is wrong are matched from the table by meaning; a name starting with `__` is 400/5024."],
  },
  getFile: {
    differs: ['`storage` is `PLATFORM` with `hosted_on_locations: ["causeway:local"]`, or `VOLUME`; there is no archive.'],
    chosen: ["`type` is `file` or `folder` in lower case; folders have no `size`, `origin`, `tags` and `metadata`."],
  },
  updateFile: {
    chosen: [
      "`metadata` and `tags` replace all there were, all or nothing. A taken name is 409/5003, an empty body changes nothing.",
      "Names may have anything but `/` and control characters, also blanks, and are no `.` or `..`.",
    ],
  },
  deleteFile: {
    differs: [
      "Operators can restore what was deleted for a while (14 days unless set otherwise); for the API it is gone at once.",
    ],
    chosen: ["A root folder is 400/5033. Tasks keep the id among their values."],
  },
  getDownloadInfo: {
    differs: [
      "The address is one of this platform (`/storage/d/…`), or of the operators' own bucket. It works for 48 hours unless they set another time.",
    ],
    chosen: [
      "It takes the permission to copy. The address needs no token, takes ranges beyond the end, is never compressed and never redirects; an altered or expired one is 403.",
    ],
  },
  getFileMetadata: { chosen: ["A folder has `{}`. `fields` takes whole keys, dots and all."] },
  updateFileMetadata: {
    chosen: [
      "`null` removes a key. Numbers and booleans count as their text; lists and objects are 400/5006, an empty key 400/5035.",
      "Values outside the vendor's schema are taken: it suggests, and nothing is enforced but the documented limits.",
    ],
  },
  replaceFileMetadata: { chosen: ["Keys given as `null` are dropped; without a body everything goes."] },
  getFileTags: { added: "No source documents it; it answers what `PUT` answers." },
  replaceFileTags: {
    chosen: [
      'Repeated and empty tags are dropped, numbers become texts; at most 1,000 tags of 255 characters. `{"tags": […]}` and `{}` are taken, too.',
    ],
  },
  copyFile: {
    chosen: [
      "It takes copy at the source and write at the destination; files of a controlled project go to controlled projects alone (403/5014). Tags come along, `origin` does not. Companions such as indexes are not copied.",
      "A taken name gets the first free prefix `_1_`, `_2_`, …, also when it was asked for.",
    ],
  },
  moveFile: { chosen: ["A taken name gets a prefix; a folder is 400/5033; to where it is already, nothing changes."] },
  copyFiles: {
    chosen: [
      'A file that cannot be copied is `{"status": "FAILED", "code", "message"}`, the others are copied. There is no limit on their number but that of a body, 64 MiB.',
    ],
  },
  findFileIds: {
    differs: [
      "Only the paths of this call are known (`/files/paths` of a sister platform, `/action/files/get_ids` of an old R client).",
    ],
    chosen: [
      "A list of `owner/project/folder/file`, answered by a list of ids in that order, `null` for what is not there or may not be read.",
    ],
  },
};

const BULK =
  "At most 100 items; more, or none, is 400/90000. What is wrong with one item is its own error, beside the `id` that was asked for, and the others go on. `fields` narrows each `resource`.";

/** files.md §4, tasks.md §3.11. */
export const BULK_CALLS: Comparisons<"bulk"> = {
  getFiles: { chosen: [BULK, "Folders can be asked for."] },
  deleteFiles: { chosen: [BULK] },
  replaceFiles: { chosen: [BULK, "A name that is left out stays; tags and metadata that are left out become empty."] },
  editFiles: { chosen: [BULK, "Metadata are merged, and `null` removes a key; tags, when given, replace all."] },
  getTasks: { chosen: [BULK] },
};

const JOB = "Only who made a job sees it; another's, or one of another kind, is 404/57039.";

/** files.md §5. */
export const ASYNC: Comparisons<"async"> = {
  startCopy: {
    chosen: [
      "What is wrong with the request itself is refused at once, and nothing starts; what is not there, or may not be copied, is told item by item in `result`.",
      "Folders of one name are merged, taken names of files get a prefix. There is no limit on the number of items.",
      "Either all of an item is copied or nothing; a crash is gone on from, and nothing is done twice.",
    ],
  },
  startMove: {
    differs: [
      "Across projects it takes copy at the source besides write at both ends, which is all that the vendor's page names: whoever may not copy files out does not move them out either.",
    ],
    chosen: ["As the copy. A file keeps its id, a folder gets a new one."],
  },
  startDelete: {
    differs: ["Operators can restore what was deleted for a while."],
    chosen: ["A place to go to is 400/57007; a project's root folder is refused in `result`."],
  },
  getCopy: { chosen: [JOB, "`result` has an entry for every item, in the order given. Counters count files, not folders."] },
  getMove: { chosen: [JOB] },
  getDelete: { chosen: [JOB] },
  listFileJobs: {
    chosen: ["Newest first; 50 a page, where one page of the vendor's says 25. Jobs are forgotten a month after they ended."],
  },
};

/** files.md §6. */
export const SEARCH: Comparisons<"search"> = {
  searchFiles: {
    differs: [
      "It reads the files themselves: there is no index that lags behind, so `STALE` changes nothing and 13004 does not occur.",
      "`/Datasets/…` finds nothing (404/13002). `coords`, `vs_route`, `volume` and `imported` do not occur.",
    ],
    chosen: [
      "Only the first part of the vendor's page on the query language is public. Beyond it: `= != <> < <= > >= IN LIKE` with `%`, `AND OR NOT`, parentheses, keywords in any case; metadata as `metadata.key` or by the bare key; `RECURSIVE` for the whole tree, else only what lies directly there.",
      "Without `ORDER BY` the newest come first. 50 entries an answer unless `limit` says otherwise, at most 100.",
      "A query that cannot be read is 400/90000, and `more_info` names the place in it; so is one of more than 20,000 characters (`CAUSEWAY_SEARCH_CHARACTERS`).",
      "Both paths, `POST /files/search` and `POST /search`, answer the same.",
    ],
  },
};

/** files.md §7: known from two clients alone. */
export const MARKERS: Comparisons<"markers"> = {
  listMarkers: { chosen: ["Who may read the file sees its shared markers and their own, newest first."] },
  createMarker: {
    chosen: [
      "Private unless said; a shared marker takes the permission to write. An unknown file is 404/5002. `position` is a range from 0 on, else 400/90000.",
    ],
  },
  getMarker: { chosen: ["An unknown marker, or another's private one, is 404/90003."] },
  updateMarker: { chosen: ["A shared marker is changed by whoever may write, and made private by its maker alone."] },
  deleteMarker: { chosen: ["204."] },
};
