import type { Answer, World } from "../world.ts";

/** What the cases stand on: Ana's things; Ben is nobody to her; Carla may only read her project. */
export interface Scene {
  readonly world: World;
  /** `ana/reef`. */
  readonly project: string;
  /** A file in Ana's project, its name `reads.txt`. */
  readonly file: string;
  /** An app of Ana's project that ends at once: `ana/reef/nap`. Its only input is an optional number, `seconds`. */
  readonly app: string;
  /** A task of Ana's, never run. */
  readonly draft: string;
  /** A task of Ana's that is completed. */
  readonly completed: string;
}

/** A real condition that raises an error of the table, over HTTP. */
export interface ErrorCase {
  readonly code: number;
  /** The condition, as the end of the sentence "5002 is answered when …". */
  readonly when: string;
  /** Of a code with two messages: how this one's begins. */
  readonly begins?: string;
  raise(scene: Scene): Promise<Answer>;
}

/** A UUID that nothing has. */
export const NO_UUID = "00000000-0000-4000-8000-000000000000";
/** A file's id that nothing has. */
export const NO_FILE = "000000000000000000000000";

/** Does something while an operator has a service (or the `platform`) closed. */
export async function whileClosed(world: World, service: string, ask: () => Promise<Answer>): Promise<Answer> {
  const address = new URL(`/operator/maintenance/${service}`, world.url).href;
  await world.put("admin", address);
  try {
    return await ask();
  } finally {
    await world.delete("admin", address);
  }
}

/** The case of a service that an operator has closed. */
export const closed = (code: number, service: string, path: string | ((scene: Scene) => string)): ErrorCase => ({
  code,
  when: `an operator has closed the service ${service}`,
  raise: (scene) =>
    whileClosed(scene.world, service, () => scene.world.get("ana", typeof path === "string" ? path : path(scene))),
});
