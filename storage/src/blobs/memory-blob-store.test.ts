import { testBlobStore } from "../testing/blob-store-suite.ts";
import { MemoryBlobStore } from "./memory-blob-store.ts";

testBlobStore("memory", async () => new MemoryBlobStore());
