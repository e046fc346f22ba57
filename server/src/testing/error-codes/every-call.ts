import { withAlteredSignature } from "../altered-signature.ts";
import { type ErrorCase, whileClosed } from "./error-case.ts";

/** What any call can answer. Outages (90005) and faults of ours (90004) are raised in `outages.test.ts`. */
export const EVERY_CALL: readonly ErrorCase[] = [
  {
    code: 0,
    when: "an operator has closed the platform",
    raise: ({ world }) => whileClosed(world, "platform", () => world.get("ana", "/user")),
  },
  { code: 90000, when: "a page begins nowhere", raise: ({ world }) => world.get("ana", "/projects?offset=soon") },
  { code: 90001, when: "there is no token", raise: ({ world }) => world.get(null, "/projects") },
  {
    code: 90002,
    when: "the address of a download was altered",
    async raise({ world, file }) {
      const { body } = await world.get("ana", `/files/${file}/download_info`);
      return world.get(null, withAlteredSignature(body.url));
    },
  },
  { code: 90003, when: "there is no such path", raise: ({ world }) => world.get("ana", "/reefs") },
  { code: 90006, when: "the path has no such method", raise: ({ world }) => world.put("ana", "/projects", {}) },
  {
    code: 90007,
    when: "the last administrator leaves a project",
    raise: ({ world, project }) => world.delete("ana", `/projects/${project}/members/ana`),
  },
  {
    code: 90008,
    when: "the body is of a media type that the call does not take",
    raise: ({ world }) => world.send("POST", "ana", "/projects", "name=Reef", { "content-type": "text/plain" }),
  },
  { code: 90009, when: "the body is no JSON", raise: ({ world }) => world.post("ana", "/projects", '{"name":') },
];
