import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { testVolumeStore } from "../../testing/volumes/volume-suite.ts";
import { LocalVolume } from "./local-volume.ts";

let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), "causeway-volume-"));
});
after(() => rm(root, { recursive: true }));

testVolumeStore("local", async (prefix) => new LocalVolume({ service: "local", root: { path: root }, prefix }), {
  impossible: ["a//b"],
  keepsNoMetadata: true,
});
