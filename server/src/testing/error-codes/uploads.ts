import { lockUpload } from "../../uploads/queries.ts";
import type { Answer } from "../world.ts";
import { closed, type ErrorCase, NO_FILE, type Scene } from "./error-case.ts";

/** The path of a new upload of Ana's. */
async function start({ world, project }: Scene, name: string, size?: number): Promise<string> {
  const { body } = await world.post("ana", "/upload/multipart", { project, name, ...(size === undefined ? {} : { size }) });
  return `/upload/multipart/${body.upload_id}`;
}

/** Does something while an upload is being completed: another session has it alone. */
async function whileCompleting(scene: Scene, name: string, ask: (path: string) => Promise<Answer>): Promise<Answer> {
  const path = await start(scene, name);
  return scene.world.platform.db.transaction().execute(async (tx) => {
    await lockUpload(tx, path.slice(path.lastIndexOf("/") + 1));
    return ask(path);
  });
}

export const UPLOADS: readonly ErrorCase[] = [
  closed(8000, "uploads", "/upload/multipart"),
  {
    code: 8001,
    when: "the upload is somebody else's",
    raise: async (scene) => scene.world.get("ben", await start(scene, "ana.txt")),
  },
  {
    code: 8002,
    when: "an upload is started by somebody who may only read",
    raise: ({ world, project }) => world.post("carla", "/upload/multipart", { project, name: "carla.txt" }),
  },
  { code: 8003, when: "there is no such upload", raise: ({ world }) => world.get("ana", "/upload/multipart/none") },
  {
    code: 8004,
    when: "the folder has a file of that name",
    raise: ({ world, project }) => world.post("ana", "/upload/multipart", { project, name: "reads.txt" }),
  },
  {
    code: 8005,
    when: "the folder is not there",
    raise: ({ world }) => world.post("ana", "/upload/multipart", { parent: NO_FILE, name: "new.txt" }),
  },
  {
    code: 8006,
    when: "another user is uploading to the same name",
    async raise(scene) {
      const { world, project } = scene;
      await start(scene, "both.txt");
      const dana = { username: "dana", permissions: { write: true } };
      await world.token("dana");
      await world.post("ana", `/projects/${project}/members`, dana);
      return world.post("dana", "/upload/multipart", { project, name: "both.txt" });
    },
  },
  {
    code: 8007,
    when: "no part was sent",
    raise: async (scene) => scene.world.post("ana", `${await start(scene, "hollow.txt", 5)}/complete`, { parts: [] }),
  },
  {
    code: 8008,
    when: "a part is asked for while the upload is being completed",
    raise: (scene) => whileCompleting(scene, "part.txt", (path) => scene.world.get("ana", `${path}/part/1`)),
  },
  {
    code: 8009,
    when: "an upload is aborted while it is being completed",
    raise: (scene) => whileCompleting(scene, "abort.txt", (path) => scene.world.delete("ana", path)),
  },
  {
    code: 8010,
    when: "the project's id has one part only",
    raise: ({ world }) => world.post("ana", "/upload/multipart", { project: "reef", name: "new.txt" }),
  },
  { code: 8011, when: "the upload's id is empty", raise: ({ world }) => world.get("ana", "/upload/multipart//part/1") },
  {
    code: 8012,
    when: "parts are counted from nought",
    raise: async (scene) => scene.world.get("ana", `${await start(scene, "nought.txt")}/part/0`),
  },
  {
    code: 8013,
    when: "an upload goes nowhere",
    raise: ({ world }) => world.post("ana", "/upload/multipart", { name: "new.txt" }),
  },
  {
    code: 8014,
    when: "a part is reported without its ETag",
    raise: async (scene) =>
      scene.world.post("ana", `${await start(scene, "untagged.txt")}/part`, { part_number: 1, response: { headers: {} } }),
  },
  {
    code: 8015,
    when: "the list of parts is none",
    raise: async (scene) => scene.world.post("ana", `${await start(scene, "parts.txt")}/complete`, { parts: "all" }),
  },
];
