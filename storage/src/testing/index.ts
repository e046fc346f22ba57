export { type SuiteOptions, testBlobStore } from "./blob-store-suite.ts";
