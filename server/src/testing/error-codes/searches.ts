import { type ErrorCase, type Scene, whileClosed } from "./error-case.ts";

/** A query that is right in itself. */
export const SEARCH = { query: 'IN "ana/reef"' };

const search = ({ world }: Scene, user: string, place: string) => world.post(user, "/files/search", { query: `IN "${place}"` });

export const SEARCHES: readonly ErrorCase[] = [
  {
    code: 13000,
    when: "an operator has closed the service search",
    raise: (scene) => whileClosed(scene.world, "search", () => search(scene, "ana", scene.project)),
  },
  { code: 13001, when: "a stranger's project is searched", raise: (scene) => search(scene, "ben", scene.project) },
  { code: 13002, when: "the place to search is not there", raise: (scene) => search(scene, "ana", "ana/atoll") },
];
