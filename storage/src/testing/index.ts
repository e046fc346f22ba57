export { type SuiteOptions, testBlobStore } from "./blob-store-suite.ts";
export { createBucket, noSwift, SWIFT_PACKAGES, type SwiftServer, startSwift } from "./swift.ts";
