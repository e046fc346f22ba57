import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { body, isVolumeFault, listAll, readObject } from "../../testing/volumes/objects.ts";
import { VolumeError } from "../volume-errors.ts";
import type { LocalVolumeSettings } from "./local-settings.ts";
import { LocalVolume } from "./local-volume.ts";

interface Place {
  root: string;
  outside: string;
  open(settings?: Partial<LocalVolumeSettings>): LocalVolume;
}

/** A root beside a directory with a secret. */
async function inPlace(tell: (place: Place) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "causeway-root-"));
  const [root, outside] = [join(directory, "root"), join(directory, "outside")];
  await mkdir(root);
  await mkdir(join(outside, "sub"), { recursive: true });
  await writeFile(join(outside, "secret"), "secret");
  await writeFile(join(outside, "sub", "secret"), "secret");
  try {
    await tell({ root, outside, open: (settings) => new LocalVolume({ service: "local", root: { path: root }, ...settings }) });
    assert.deepEqual((await readdir(outside, { recursive: true })).sort(), ["secret", "sub", "sub/secret"]);
    assert.equal(await readFile(join(outside, "secret"), "utf8"), "secret");
  } finally {
    await rm(directory, { recursive: true });
  }
}

const story = (title: string, tell: (place: Place) => Promise<void>) => test(title, { timeout: 60_000 }, () => inPlace(tell));

describe("links in a root", () => {
  const missing = isVolumeFault("NoSuchObject");

  story("are neither listed nor followed, wherever they lead", async ({ root, outside, open }) => {
    await mkdir(join(root, "real"));
    await writeFile(join(root, "real", "x"), "x");
    await symlink(outside, join(root, "out"));
    await symlink(join(outside, "secret"), join(root, "file"));
    await symlink("real", join(root, "in"));
    await symlink("/", join(root, "all"));
    await symlink("..", join(root, "up"));
    await symlink("loop", join(root, "loop"));
    const store = open();
    assert.deepEqual((await listAll(store, {})).names, ["real/x"]);
    assert.deepEqual((await listAll(store, { delimiter: "/" })).names, ["real/"]);
    for (const location of ["out/secret", "file", "in/x", "all/etc/passwd", "up/outside/secret", "loop", "loop/x"]) {
      await assert.rejects(store.stat(location), missing, location);
      await assert.rejects(store.open(location), missing, location);
      await assert.rejects(store.openFile(location), missing, location);
    }
    assert.deepEqual((await listAll(store, { prefix: "out/" })).names, []);
    for (const location of ["out/new", "in/new", "out/sub/deeper/new", "loop/new"]) {
      await assert.rejects(store.put(location, body("new")), isVolumeFault("BadLocation"), location);
      await assert.rejects(store.openUpload(location, 3), isVolumeFault("BadLocation"), location);
    }
    await store.remove("out/secret");
    await store.remove("file");
    assert.equal(await readlink(join(root, "file")), join(outside, "secret"));
    // A file takes the name of a link, and what the link led to stays as it was.
    await store.put("file", body("ours"));
    assert.equal(String(await readObject(store, "file")), "ours");
    await assert.rejects(store.put("out", body("x"), { ifAbsent: true }), isVolumeFault("ObjectExists"));
  });

  story("are followed within the root, where that is wanted, and never out of it", async ({ root, outside, open }) => {
    await mkdir(join(root, "a", "b"), { recursive: true });
    await writeFile(join(root, "a", "b", "x"), "x");
    await writeFile(join(root, "top"), "top");
    await symlink("a/b", join(root, "relative"));
    await symlink(join(root, "a"), join(root, "absolute"));
    await symlink("../../top", join(root, "a", "b", "up"));
    await symlink("relative", join(root, "chain"));
    await symlink("../../../outside", join(root, "a", "b", "out"));
    await symlink(outside, join(root, "gone"));
    await symlink(`${root}-not`, join(root, "almost"));
    await symlink("../root/top", join(root, "back"));
    await symlink("loop", join(root, "loop"));
    const store = open({ symlinks: "within_root" });
    for (const location of ["relative/x", "absolute/b/x", "chain/x", "absolute/b/../b/x".replace("/../b", "")]) {
      assert.equal(String(await readObject(store, location)), "x", location);
    }
    assert.equal(String(await readObject(store, "a/b/up")), "top");
    for (const location of ["a/b/out/secret", "a/b/out", "gone/secret", "almost", "back", "loop", "loop/x"]) {
      await assert.rejects(store.stat(location), missing, location);
    }
    assert.deepEqual((await listAll(store, {})).names, [
      "a/b/up",
      "a/b/x",
      "absolute/b/up",
      "absolute/b/x",
      "chain/up",
      "chain/x",
      "relative/up",
      "relative/x",
      "top",
    ]);
    await store.put("chain/new", body("new"));
    assert.equal(await readFile(join(root, "a", "b", "new"), "utf8"), "new");
    await assert.rejects(store.put("gone/new", body("new")), VolumeError);
  });

  story("that go round without an end are left when the time is over, and others go on", async ({ root, open }) => {
    // Two to the power of 33 paths, each too long for an object's key in the end.
    for (const letter of ["a", "b"]) await symlink(".", join(root, letter.repeat(30)));
    const store = new LocalVolume({ service: "local", root: { path: root }, symlinks: "within_root" }, { answerMs: 200 });
    await assert.rejects(store.list({ limit: 1 }), isVolumeFault("Timeout"));
    for (;;) {
      const listed = await open()
        .list({})
        .catch((error) => assert.ok(error instanceof VolumeError && error.fault === "Unreachable", error));
      if (listed) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  story("that are swapped for directories meanwhile lead nowhere", async ({ root, outside, open }) => {
    const inside = join(root, "dir");
    await mkdir(join(inside, "sub"), { recursive: true });
    const stores = [open(), open({ symlinks: "within_root" })];
    let over = false;
    const swapping = (async () => {
      while (!over) {
        await rename(inside, join(root, "aside"));
        // A writer may have made the directory anew in between.
        await symlink(outside, inside).catch(() => {});
        await new Promise((resolve) => setImmediate(resolve));
        await rm(inside, { recursive: true });
        await rename(join(root, "aside"), inside).catch(() => rm(join(root, "aside"), { recursive: true, force: true }));
        await mkdir(join(inside, "sub"), { recursive: true });
      }
    })();
    const attempts = async () => {
      for (let n = 0; n < 60; n += 1) {
        for (const store of stores) {
          const read = await readObject(store, "dir/secret").then(String, () => "");
          assert.equal(read, "");
          const listed = await store.list({ prefix: "dir/" }).catch(() => undefined);
          assert.ok(!listed?.objects.some((object) => object.location.endsWith("secret")));
          await store.put(`dir/sub/new${n}`, body("new")).catch((error) => assert.ok(error instanceof VolumeError, error));
          await store.remove("dir/secret").catch((error) => assert.ok(error instanceof VolumeError, error));
          await store.remove("dir/sub/secret").catch((error) => assert.ok(error instanceof VolumeError, error));
        }
      }
    };
    await Promise.all([attempts(), attempts()]).finally(() => {
      over = true;
    });
    await swapping;
  });
});

describe("a root", () => {
  story("lists no pipes, sockets or devices, and waits for none", async ({ root, open }) => {
    await promisify(execFile)("mkfifo", [join(root, "pipe")]);
    await writeFile(join(root, "file"), "x");
    const store = open();
    assert.deepEqual((await listAll(store, {})).names, ["file"]);
    await assert.rejects(store.open("pipe"), isVolumeFault("NoSuchObject"));
    await assert.rejects(store.stat("pipe"), isVolumeFault("NoSuchObject"));
  });

  story("counts names that can be no location", async ({ root, open }) => {
    await writeFile(join(root, "fine"), "x");
    await writeFile(Buffer.concat([Buffer.from(`${root}/latin1-`), Buffer.from([0xe9])]), "x");
    await writeFile(join(root, "new\nline"), "x");
    const { objects, skipped } = await open().list({});
    assert.deepEqual([objects.map((object) => object.location), skipped], [["fine"], 2]);
  });

  story("shows empty directories where everything is listed, as buckets show folders", async ({ root, open }) => {
    await mkdir(join(root, "empty", "inner"), { recursive: true });
    await writeFile(join(root, "empty0"), "x");
    const { objects } = await open().list({});
    assert.deepEqual(
      objects.map((object) => [object.location, object.size]),
      [
        ["empty/inner/", 0],
        ["empty0", 1],
      ],
    );
  });

  story("that is not there is a service that cannot be reached", async ({ root, open }) => {
    const store = open({ root: { path: `${root}/not-mounted` } });
    const away = isVolumeFault("Unreachable");
    await assert.rejects(store.list({}), away);
    await assert.rejects(store.stat("x"), away);
    await assert.rejects(store.open("x"), away);
    await assert.rejects(store.put("x", body("x")), away);
    await assert.rejects(store.remove("x"), away);
  });

  story("that is for reading alone is not written to", async ({ root, open }) => {
    await writeFile(join(root, "x"), "x");
    const store = open({ root: { path: root, readOnly: true } });
    const refused = isVolumeFault("ReadOnly");
    assert.equal(String(await readObject(store, "x")), "x");
    await assert.rejects(store.put("y", body("y")), refused);
    await assert.rejects(store.putFile("y", join(root, "x")), refused);
    await assert.rejects(store.remove("x"), refused);
    await assert.rejects(store.openUpload("y", 3), refused);
    assert.deepEqual(await readdir(root), ["x"]);
  });

  story("has files and directories of the owner and modes that the operator has set", async ({ root, open }) => {
    const owner = process.getuid!() === 0 ? { uid: 65534, gid: 65534 } : undefined;
    const store = open({ root: { path: root, umask: 0o027, owner } });
    await store.put("a/b/x", body("x"));
    const { stat } = await import("node:fs/promises");
    for (const [name, mode] of [
      ["a", 0o750],
      ["a/b", 0o750],
      ["a/b/x", 0o640],
    ] as const) {
      const facts = await stat(join(root, name));
      assert.equal(facts.mode & 0o777, mode, name);
      if (owner) assert.deepEqual([facts.uid, facts.gid], [65534, 65534]);
    }
  });

  story("takes names as long as the file system does, and says so of longer ones", async ({ open }) => {
    const store = open();
    const name = "ü".repeat(127);
    await store.put(name, body("x"));
    assert.deepEqual((await listAll(store, {})).names, [name]);
    const upload = await store.openUpload(`u/${name}`, 3);
    await store.completeUpload(upload, [await store.writePart(upload, 1, body("abc"))]);
    await assert.rejects(store.put("x".repeat(256), body("x")), isVolumeFault("BadLocation"));
    await assert.rejects(store.stat("x".repeat(256)), isVolumeFault("NoSuchObject", "BadLocation"));
  });

  story("has no place for a file where a directory is, nor beneath a file", async ({ root, open }) => {
    await mkdir(join(root, "dir", "inner"), { recursive: true });
    await writeFile(join(root, "file"), "x");
    const store = open();
    await assert.rejects(store.put("dir", body("x")), isVolumeFault("BadLocation"));
    await assert.rejects(store.put("file/x", body("x")), isVolumeFault("BadLocation"));
    await assert.rejects(store.put("a//b", body("x")), isVolumeFault("BadLocation"));
    await assert.rejects(store.stat("dir"), isVolumeFault("NoSuchObject"));
    await assert.rejects(store.stat("file/x"), isVolumeFault("NoSuchObject"));
    assert.deepEqual((await readdir(root)).sort(), ["dir", "file"]);
  });

  story("is listed as it is now, also when it was listed before", async ({ root, open }) => {
    const { utimes } = await import("node:fs/promises");
    const store = open();
    await mkdir(join(root, "run"));
    for (const name of ["a", "b"]) await writeFile(join(root, "run", name), name);
    // Old enough for what was read to be kept.
    await utimes(join(root, "run"), new Date(0), new Date(0));
    for (let time = 0; time < 2; time += 1) assert.deepEqual((await listAll(store, {})).names, ["run/a", "run/b"]);
    await writeFile(join(root, "run", "aa"), "aa");
    await unlink(join(root, "run", "b"));
    assert.deepEqual((await listAll(open(), {})).names, ["run/a", "run/aa"]);
  });

  story("with more names in a directory than the operator allows is not listed", async ({ root, open }) => {
    for (const name of ["a", "b", "c", "d"]) await writeFile(join(root, name), name);
    await assert.rejects(open({ root: { path: root, maxNames: 3 } }).list({}), isVolumeFault("BadAnswer"));
  });

  story("takes a file, sharing or copying its bytes", async ({ root, outside, open }) => {
    const store = open();
    const source = join(outside, "secret");
    const written = await store.putFile("a/x", source, { ifAbsent: true });
    assert.deepEqual([written.size, written.verified], [6, true]);
    assert.equal(String(await readObject(store, "a/x")), "secret");
    await assert.rejects(store.putFile("a/x", source, { ifAbsent: true }), isVolumeFault("ObjectExists"));
    await symlink(source, join(root, "link"));
    await assert.rejects(store.putFile("a/y", join(root, "link")));
    assert.deepEqual(await readdir(join(root, "a")), ["x"]);
    const file = await store.openFile("a/x");
    assert.equal(await file.readFile("utf8"), "secret");
    await file.close();
  });

  test(
    "whose directories cannot be read says what was being done",
    { skip: process.getuid!() === 0 && "root may read everything" },
    () =>
      inPlace(async ({ root, open }) => {
        await mkdir(join(root, "closed"));
        await writeFile(join(root, "closed", "x"), "x");
        await chmod(join(root, "closed"), 0);
        await assert.rejects(
          open().list({ prefix: "closed/" }),
          (error) => isVolumeFault("AccessDenied")(error) && (error as VolumeError).action === "list",
        );
        await assert.rejects(
          open().put("closed/y", body("y")),
          (error) => isVolumeFault("AccessDenied")(error) && (error as VolumeError).action === "write",
        );
        await chmod(join(root, "closed"), 0o700);
      }),
  );
});
