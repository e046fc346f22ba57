import { randomBytes } from "node:crypto";
import { describe, type TestContext, test } from "node:test";
import type { VolumeStore } from "../../volumes/volume-store.ts";
import { testListing } from "./listing-suite.ts";
import { testObjects } from "./object-suite.ts";
import { testSignedReads } from "./signed-read-suite.ts";
import type { VolumeSuite, VolumeSuiteOptions } from "./volume-under-test.ts";
import { testVolumeUploads } from "./volume-upload-suite.ts";

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
