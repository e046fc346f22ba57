import { type TestContext, test } from "node:test";
import { newBlobKey } from "../blobs/blob-key.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import { testBlobs } from "./blob-suite.ts";
import type { Suite } from "./store-under-test.ts";
import { testUploads } from "./upload-suite.ts";

export interface SuiteOptions {
  /** Bytes that parts have at least, except the last: stores of the S3 family refuse smaller ones. */
  minPartSize?: number;
  /** Why these tests cannot run here. */
  skip?: string | false;
}

/** What every blob store must do. `create` is called for every test; stores may share their bytes. */
export function testBlobStore(name: string, create: (t: TestContext) => Promise<BlobStore>, options: SuiteOptions = {}): void {
  const { minPartSize = 1024, skip = false } = options;
  const suite: Suite = {
    name,
    skip,
    minPartSize,
    partSize: Math.max(minPartSize, 64 * 1024),
    story: (title, tell) => void test(title, async (t) => tell(await create(t), newBlobKey())),
  };
  testBlobs(suite);
  testUploads(suite);
}
