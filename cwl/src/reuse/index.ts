/** Jobs that need not run because they have run before (CWL v1.2 §WorkReuse, execution-hints.md §5.3). */
export { DirectoryReuseStore } from "./directory-store.ts";
export { type JobKey, jobKey, type KeyParts, type KeySetting } from "./job-key.ts";
export { Measure } from "./measure.ts";
export { createMemoryReuseStore } from "./memory-store.ts";
export { type ReuseDecision, reusing } from "./reusing.ts";
export type { Found, JobNote, RecordedJob, ReuseStore } from "./store.ts";
