import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld } from "../testing/world.ts";
import { download } from "./testing.ts";

test(
  "files go up and down however many they are, and the rate limit is for all other calls",
  withWorld(
    async (world) => {
      const project = await world.project("ana");
      for (let number = 0; number < 5; number++) {
        const file = await world.file("ana", project.root_folder, `${number}.txt`, `file ${number}`);
        assert.equal((await download(world, file.id)).toString(), `file ${number}`);
      }
      const uncounted = await world.post("ana", "/upload/multipart", { project: project.id, name: "more.txt", size: 4 });
      assert.equal(uncounted.headers.get("x-ratelimit-limit"), "3");
      assert.equal(uncounted.headers.get("x-ratelimit-remaining"), "2");
      const statuses = [];
      for (let call = 0; call < 3; call++) statuses.push((await world.get("ana", "/user")).status);
      assert.deepEqual(statuses, [200, 200, 429]);
    },
    { rateLimit: 3 },
  ),
);
