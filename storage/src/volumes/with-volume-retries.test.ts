import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startHttp } from "../testing/volumes/hostile-server.ts";
import { body, isVolumeFault } from "../testing/volumes/objects.ts";
import { EndpointList } from "./net/endpoint-list.ts";
import { openVolume } from "./open-volume.ts";
import type { VolumeStore } from "./volume-store.ts";
import { withVolumeRetries } from "./with-volume-retries.ts";

describe("a volume that is asked again", () => {
  /** A store whose service answers with these statuses, one after the other, and then with 200. */
  const answering = async (statuses: number[], tell: (store: VolumeStore, asked: () => number) => Promise<void>) => {
    let asked = 0;
    const server = await startHttp((request, answer) => {
      asked += 1;
      request.resume();
      answer.writeHead(statuses.shift() ?? 200, { etag: '"e"' }).end();
    });
    const settings = {
      service: "s3",
      bucket: "lab",
      endpoint: server.endpoint,
      credentials: { accessKeyId: "AK", secretAccessKey: "SK" },
    } as const;
    const store = await openVolume(settings, { endpoints: new EndpointList(["127.0.0.1"]) });
    await tell(withVolumeRetries(store, { attempts: 3, pause: 1 }), () => asked);
    store.close();
    await server.stop();
  };

  test("is asked until it answers, a body from its beginning", async () => {
    await answering([503, 500], async (store, asked) => {
      assert.equal((await store.put("x", body("x"))).etag, "e");
      assert.equal(asked(), 3);
    });
  });

  test("is asked so many times and no more", async () => {
    await answering([503, 503, 503, 503], async (store, asked) => {
      await assert.rejects(store.put("x", body("x")), isVolumeFault("Throttled"));
      assert.equal(asked(), 3);
    });
  });

  test("is not asked again when its answer stands", async () => {
    await answering([403], async (store, asked) => {
      await assert.rejects(store.put("x", body("x")), isVolumeFault("AccessDenied"));
      assert.equal(asked(), 1);
    });
  });
});
