import { closed, type ErrorCase, NO_FILE } from "./error-case.ts";

export const FILES: readonly ErrorCase[] = [
  closed(5000, "files", ({ file }) => `/files/${file}`),
  { code: 5001, when: "a stranger asks", raise: ({ world, file }) => world.get("ben", `/files/${file}`) },
  { code: 5002, when: "there is no such file", raise: ({ world }) => world.get("ana", `/files/${NO_FILE}`) },
  {
    code: 5003,
    when: "a file is renamed to a name that its folder has",
    async raise({ world, project, file }) {
      await world.file("ana", project, "taken.txt");
      return world.patch("ana", `/files/${file}`, { name: "taken.txt" });
    },
  },
  { code: 5004, when: "the file's id is empty", raise: ({ world }) => world.get("ana", "/files//metadata") },
  { code: 5005, when: "files are listed of half a project", raise: ({ world }) => world.get("ana", "/files?project=reef") },
  {
    code: 5006,
    when: "metadata is a list",
    raise: ({ world, file }) => world.patch("ana", `/files/${file}/metadata`, ["sample_id"]),
  },
  {
    code: 5007,
    when: "the bytes of a file to copy are lost",
    async raise({ world, project }) {
      const { id } = await world.file("ana", project, "lost.txt");
      const { blob_key: key } = await world.platform.db
        .selectFrom("files")
        .select("blob_key")
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      await world.platform.store.remove(key!);
      return world.post("ana", `/files/${id}/actions/copy`, { project });
    },
  },
  {
    code: 5008,
    when: "a file is renamed by somebody who may only read",
    raise: ({ world, file }) => world.patch("carla", `/files/${file}`, { name: "mine.txt" }),
  },
  {
    code: 5009,
    when: "metadata is changed by somebody who may only read",
    raise: ({ world, file }) => world.patch("carla", `/files/${file}/metadata`, { sample_id: "S1" }),
  },
  closed(5010, "metadata", ({ file }) => `/files/${file}/metadata`),
];
