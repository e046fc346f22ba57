import { holdQueue, put, ranTo, sharedVolume, untilEnded } from "../../imports/testing.ts";
import { startSmallS3 } from "../../volumes/testing/small-s3.ts";
import { type Answer, createWorld, type World } from "../world.ts";
import { type ErrorCase, NO_FILE, type Scene } from "./error-case.ts";

let count = 0;
const fresh = (word: string) => `${word}_${++count}`;
const KEYS = { access_key_id: "AKTESTS", secret_access_key: "secret-of-the-tests" };

interface Lab {
  world: World;
  volume: string;
  project: string;
}

/** A volume of Ana's in the shared directory with an object `reads.txt`, and her project. */
async function lab({ world, project }: Pick<Scene, "world" | "project">, more: object = {}): Promise<Lab> {
  await put(world, { "reads.txt": "bytes" });
  return { world, project, volume: await sharedVolume(world, "ana", fresh("jobs"), more) };
}

const anImport = ({ volume, project }: Lab, more: object = {}) => ({
  source: { volume, location: "reads.txt" },
  destination: { project, name: fresh("alias") },
  ...more,
});
const anExport = ({ volume }: Lab, file: string, more: object = {}) => ({
  source: { file },
  destination: { volume, location: fresh("out") },
  ...more,
});

const importing =
  (more: (lab: Lab) => object | Promise<object>): ErrorCase["raise"] =>
  async (scene) => {
    const made = await lab(scene);
    return scene.world.post("ana", "/storage/imports", anImport(made, await more(made)));
  };

const exporting =
  (file: (lab: Lab, scene: Scene) => string | Promise<string>, more: object = {}, volume: object = {}): ErrorCase["raise"] =>
  async (scene) => {
    const made = await lab(scene, volume);
    return scene.world.post("ana", "/storage/exports", anExport(made, await file(made, scene), more));
  };

/** Ben's project, which Ana may read alone. */
async function bens(world: World): Promise<{ id: string; root_folder: string }> {
  await world.token("ana");
  const project = await world.project("ben", fresh("Reef"));
  await world.post("ben", `/projects/${project.id}/members`, { username: "ana", permissions: { read: true } });
  return project;
}

const newFile = async ({ world, project }: Lab) => (await world.file("ana", project, fresh("file"))).id as string;

/** The error of a job that has failed, as if it were the answer. */
const inJob = ({ error }: { error?: { status: number } }, headers = new Headers()): Answer => ({
  status: error?.status ?? 0,
  headers,
  body: error,
});

/** Asks in a world with other rules, where a fault is not tried again. */
async function underRules(rules: Parameters<typeof createWorld>[0], ask: (world: World) => Promise<Answer>): Promise<Answer> {
  const world = await createWorld({ faultTries: 1, ...rules });
  try {
    return await ask(world);
  } finally {
    await world.close();
  }
}

/** Asks for a job that begins only after `change`. */
function late(table: "imports" | "exports", given: (lab: Lab) => Promise<Late>): ErrorCase["raise"] {
  return async (scene) => {
    const { world } = scene;
    const { body, change } = await given(await lab(scene));
    const release = await holdQueue(world.platform.db);
    const { body: job } = await world.post("ana", `/storage/${table}`, body);
    await change();
    await release();
    return inJob(await untilEnded(world, "ana", job.href));
  };
}

interface Late {
  body: unknown;
  change: () => Promise<unknown>;
}

/** Ana may write in a project of Ben's, and then no more. */
async function lending({ world }: Lab) {
  const project = await bens(world);
  const member = `/projects/${project.id}/members/ana`;
  await world.patch("ben", `${member}/permissions`, { write: true, copy: true });
  return {
    project,
    take: () => world.patch("ben", `${member}/permissions`, { write: false }),
    remove: () => world.delete("ben", member),
  };
}

/** A bucket that begins to refuse everything when the volume has been made. */
async function inBucket(world: World, refusal: readonly [number, string]): Promise<Answer> {
  const bucket = await startSmallS3({ "reads.txt": "bytes" });
  try {
    const service = { type: "S3", bucket: "lab", endpoint: bucket.endpoint, credentials: KEYS };
    const { body: volume } = await world.post("ana", "/storage/volumes", { name: fresh("s3"), service });
    const { id: project } = await world.project("ana", fresh("Reef"));
    bucket.refusals = { all: refusal };
    return inJob(await ranTo(world, "ana", "imports", anImport({ world, volume: volume.id, project })));
  } finally {
    await bucket.stop();
  }
}

/** What can be wrong with imports, exports and the files that lie on volumes (volumes.md §4). */
export const VOLUME_JOBS: readonly ErrorCase[] = [
  {
    code: 9003,
    when: "an import goes to a project that its user may not write in",
    raise: importing(async ({ world }) => ({ destination: { project: (await bens(world)).id } })),
  },
  {
    code: 9004,
    when: "an import goes to a folder that its user may not write in",
    raise: importing(async ({ world }) => ({ destination: { parent: (await bens(world)).root_folder } })),
  },
  {
    code: 9005,
    when: "somebody asks for another's import",
    async raise(scene) {
      const { body } = await importing(() => ({}))(scene);
      return scene.world.get("ben", body.href);
    },
  },
  {
    code: 9006,
    when: "a folder is exported",
    raise: exporting(async ({ world, project }) => {
      const { body } = await world.post("ana", "/files", { name: fresh("folder"), type: "folder", project });
      return body.id;
    }),
  },
  { code: 9008, when: "there is no such import", raise: ({ world }) => world.get("ana", "/storage/imports/none") },
  { code: 9009, when: "an exported file is not there", raise: exporting(() => NO_FILE) },
  {
    code: 9018,
    when: "the whole volume is imported and has no name",
    raise: importing(({ volume, project }) => ({ source: { volume, location: "/" }, destination: { project } })),
  },
  {
    code: 9021,
    when: "imports are listed from a time on that is none",
    raise: ({ world }) => world.get("ana", "/storage/imports?started_from=yesterday"),
  },
  {
    code: 9027,
    when: "operators let files go to volumes of another type alone",
    raise: () =>
      underRules({ exportTypes: "s3 gcs" }, async (world) => {
        const made = await lab({ world, project: (await world.project("ana")).id });
        return world.post("ana", "/storage/exports", anExport(made, await newFile(made)));
      }),
  },
  {
    code: 9028,
    when: "operators let files go to volumes at another host alone",
    raise: () =>
      underRules({ exportHosts: "minio.lab" }, async (world) => {
        const bucket = await startSmallS3();
        try {
          const service = { type: "S3", bucket: "lab", endpoint: bucket.endpoint, credentials: KEYS };
          const { body: volume } = await world.post("ana", "/storage/volumes", { name: "s3", service });
          const made = { world, volume: volume.id, project: (await world.project("ana")).id };
          return await world.post("ana", "/storage/exports", anExport(made, await newFile(made)));
        } finally {
          await bucket.stop();
        }
      }),
  },
  {
    code: 9101,
    when: "a file is exported to a read-only volume",
    raise: exporting(newFile, {}, { access_mode: "RO" }),
  },
  {
    code: 9100,
    when: "the service of an import asks for fewer requests, again and again",
    raise: () => underRules({}, (world) => inBucket(world, [503, "SlowDown"])),
  },
  {
    code: 9102,
    when: "the user of an import may not write in the project any more",
    raise: late("imports", async (made) => {
      const { project, take } = await lending(made);
      return { body: anImport(made, { destination: { project: project.id } }), change: take };
    }),
  },
  {
    code: 9103,
    when: "the user of an import may not write in the folder any more",
    raise: late("imports", async (made) => {
      const { project, take } = await lending(made);
      return { body: anImport(made, { destination: { parent: project.root_folder } }), change: take };
    }),
  },
  {
    code: 9104,
    when: "the volume of an import is not there for its user any more",
    raise: late("imports", async (made) => {
      const { world, project } = made;
      const { body: volume } = await world.post("ben", "/storage/volumes", {
        name: fresh("lent"),
        service: { type: "local", bucket: "share" },
      });
      await world.post("ben", `${volume.href}/members`, { username: "ana", permissions: { read: true, copy: true } });
      const body = anImport({ world, project, volume: volume.id });
      return { body, change: () => world.delete("ben", `${volume.href}/members/ana`) };
    }),
  },
  {
    code: 9106,
    when: "a file is deleted before it is exported",
    raise: late("exports", async (made) => {
      const file = await newFile(made);
      return { body: anExport(made, file), change: () => made.world.delete("ana", `/files/${file}`) };
    }),
  },
  {
    code: 9107,
    when: "an object is there already where a file is exported to",
    async raise(scene) {
      const made = await lab(scene);
      const destination = { volume: made.volume, location: "reads.txt" };
      return inJob(await ranTo(scene.world, "ana", "exports", anExport(made, await newFile(made), { destination })));
    },
  },
  {
    code: 9108,
    when: "a file has the name that an import would have",
    async raise(scene) {
      const made = await lab(scene);
      const { name } = await scene.world.file("ana", made.project, fresh("file"));
      const destination = { project: made.project, name };
      return inJob(await ranTo(scene.world, "ana", "imports", anImport(made, { destination })));
    },
  },
  {
    code: 9109,
    when: "a file is not there for its user any more when it is exported",
    raise: late("exports", async (made) => {
      const { project, remove } = await lending(made);
      const { id } = await made.world.file("ben", project.id, fresh("file"));
      return { body: anExport(made, id), change: remove };
    }),
  },
  {
    code: 5034,
    when: "a file is downloaded that lies on a volume which is not active",
    async raise(scene) {
      const made = await lab(scene);
      const { result } = await ranTo(scene.world, "ana", "imports", anImport(made));
      await scene.world.patch("ana", `/storage/volumes/${made.volume}`, { active: false });
      return scene.world.get("ana", `/files/${result.id}/download_info`);
    },
  },
  {
    code: 90011,
    when: "the service of an import does not know the access key any more",
    raise: () => underRules({}, (world) => inBucket(world, [403, "InvalidAccessKeyId"])),
  },
];
