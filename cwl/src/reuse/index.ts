/** Jobs that need not run because they have run before (CWL v1.2 §WorkReuse, execution-hints.md §5.3). */
export { DirectoryReuseStore } from "./directory-store.ts";
export { named, whyNotReused } from "./explanation.ts";
export { type IdentifiedJob, type IdentityContext, identifyJob, undeclaredFileIn } from "./identity.ts";
export { InputHasher } from "./input-hasher.ts";
export { type JobKey, jobKey, type KeyOptions, type KeyParts } from "./job-key.ts";
export { createMemoryReuseStore } from "./memory-store.ts";
export { type ReuseDecision, reusing } from "./reusing.ts";
export { type Found, type JobNote, NEIGHBOURS, nearestOf, type RecordedJob, type ReuseStore } from "./store.ts";
