export { type SuiteOptions, testBlobStore } from "./blob-store-suite.ts";
export { createBucket, noSwift, SWIFT_PACKAGES, type SwiftServer, startSwift } from "./swift.ts";
export { startAzurite } from "./volumes/azure-server.ts";
export { newServiceAccount, startFakeGcs } from "./volumes/gcs-servers.ts";
export { makeBucket, makeUser, S3_KEYS, setPolicy, startVersitygw } from "./volumes/s3-servers.ts";
export { noProgram, type TestServer } from "./volumes/test-server.ts";
