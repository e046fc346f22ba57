import type { BlobStore } from "../blobs/blob-store.ts";

/** A store under test; `story` is one test with a store and a key of its own. */
export interface Suite {
  name: string;
  skip: string | false;
  minPartSize: number;
  /** Bytes of the parts that tests make. */
  partSize: number;
  story(title: string, tell: (store: BlobStore, key: string) => Promise<void>): void;
}
