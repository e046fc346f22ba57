import { randomBytes } from "node:crypto";
import { describe, type TestContext, test } from "node:test";
import type { VolumeStore } from "../../volumes/volume-store.ts";
import { testListing } from "./listing-suite.ts";
import { testObjects } from "./object-suite.ts";
import { testSignedReads } from "./signed-read-suite.ts";
import { testVolumeUploads } from "./volume-upload-suite.ts";

/** What a service under test cannot do, or its test server cannot show. Everything that is not said here is tested. */
export interface VolumeSuiteOptions {
  /** Why these tests cannot run here. */
  skip?: string | false;
  /** Locations that the service cannot have, of those that the suite tries. */
  impossible?: readonly string[];
  /** As clients fetch, with trust in the server's certificate. */
  fetch?: typeof globalThis.fetch;
  /** It keeps no metadata of users. */
  keepsNoMetadata?: boolean;
  /** The test server gives wrong answers there; each with the reason, which is printed. */
  unproven?: Partial<Record<Unproven, string>>;
}

export type Unproven =
  | "a stopped upload is resumed"
  | "a removed upload"
  | "pages of folders"
  | "signatures"
  | "bad tokens"
  | "conditions"
  | "ends beyond the object"
  | "expired URLs";

/** A service under test. `story` is one test with a store whose prefix is its own. */
export interface VolumeSuite {
  options: VolumeSuiteOptions;
  story(title: string, tell: (store: VolumeStore, another: () => Promise<VolumeStore>) => Promise<void>, needs?: Unproven): void;
}

/**
 * What every volume store must do. `create` opens a store of the given prefix, in a bucket that all tests share; it is
 * called more than once a test, as other processes would.
 */
export function testVolumeStore(
  name: string,
  create: (prefix: string, t: TestContext) => Promise<VolumeStore>,
  options: VolumeSuiteOptions = {},
): void {
  const skip = options.skip ?? false;
  const run = randomBytes(4).toString("hex");
  let stories = 0;
  const suite: VolumeSuite = {
    options,
    story: (title, tell, needs) => {
      const unproven = needs && options.unproven?.[needs];
      const prefix = `suite-${run}/${++stories}`;
      test(title, { skip: unproven ?? false, timeout: 120_000 }, async (t) => {
        const opened: VolumeStore[] = [];
        const another = async () => {
          const store = await create(prefix, t);
          opened.push(store);
          return store;
        };
        try {
          await tell(await another(), another);
        } finally {
          for (const store of opened) store.close();
        }
      });
    },
  };
  describe(name, { skip, concurrency: 4 }, () => {
    testObjects(suite);
    testListing(suite);
    testSignedReads(suite);
    testVolumeUploads(suite);
  });
}
