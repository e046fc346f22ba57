import { type DrsObject, type DrsOperations, parseFileId, type ReplyOf } from "@causeway/contract";
import type { Database } from "../db/database.ts";
import { type FileAccess, MENTIONED, type SeenFile } from "../files/access.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";
import { bundleOf } from "./bundles.ts";
import { type AccessUrl, type Outcome, outcome } from "./outcomes.ts";
import { ACCESS_ID, presentBundle, presentFile, presentService, uriOf } from "./present.ts";
import { findFacts, listMembers } from "./queries.ts";

export interface DrsLimits {
  /** Objects that one request may name. */
  bulkObjects: number;
  /** Files and folders of all folders that one request is answered about. */
  bundleObjects: number;
  /** Lists and objects inside each other in an answer. */
  depth: number;
}

export interface DrsDeps {
  db: Database;
  access: FileAccess;
  /** Makes an address from which anybody can read a file for a while, as `DownloadLinks.sign`. */
  sign: (file: SeenFile, username: string) => Promise<string>;
  links: Links;
}

export type DrsService = ReturnType<typeof createDrsService>;

/**
 * Files and folders as objects of GA4GH's Data Repository Service (volumes.md §2.16): a file is a blob, a folder a bundle.
 * An object's id is the file's. Whoever may read the file sees the object, to others it is not there; its bytes take the
 * right to copy, as `download_info` does.
 */
export function createDrsService({ db, access, sign, links }: DrsDeps, limits: DrsLimits) {
  return {
    info: (): ReplyOf<DrsOperations["getDrsService"]> => presentService(links, limits.bulkObjects),

    /** @throws ApiError `fileNotFound`; `badRequest` for a folder that holds more than may be told */
    async object(actor: Actor, id: string, expand: boolean): Promise<DrsObject> {
      const file = await seen(actor, id);
      return file.type === "folder" ? bundle(file, expand, openBudget()) : (await blobs([file]))[0]!;
    },

    /**
     * Objects in the order asked for; of those that cannot be told, why.
     *
     * @throws ApiError `requestTooLarge`
     */
    async objects(actor: Actor, ids: readonly string[], expand: boolean): Promise<readonly Outcome<DrsObject>[]> {
      refuseMany(ids.length);
      const found = await Promise.all(ids.map((id) => outcome(id, () => seen(actor, id))));
      const files = found.flatMap((each) => ("value" in each && each.value.type === "file" ? [each.value] : []));
      const presented = new Map((await blobs(files)).map((object) => [object.id, object]));
      const budget = openBudget();
      const objects: Outcome<DrsObject>[] = [];
      for (const each of found) {
        if ("refusal" in each) objects.push(each);
        else if (each.value.type === "file") objects.push({ id: each.id, value: presented.get(each.value.id)! });
        else objects.push(await outcome(each.id, () => bundle(each.value, expand, budget)));
      }
      return objects;
    },

    /**
     * An address for the bytes of a file.
     *
     * @throws ApiError `fileNotFound`; `notFound` when it has no such access method; `fileForbidden`; of an alias, as
     *   `AliasObjects.look`
     */
    accessUrl,

    /**
     * The same of several files, in the order asked for.
     *
     * @throws ApiError `requestTooLarge`
     */
    async accessUrls(actor: Actor, asked: readonly { id: string; accessId: string }[]): Promise<readonly Outcome<AccessUrl>[]> {
      refuseMany(asked.length);
      const urls: Outcome<AccessUrl>[] = [];
      // One after another: for each a service of a volume may be asked.
      for (const { id, accessId } of asked)
        urls.push(await outcome(id, async () => ({ accessId, ...(await accessUrl(actor, id, accessId)) })));
      return urls;
    },

    /** @throws ApiError `requestTooLarge` */
    refuseMany,
  };

  /** @throws ApiError `fileNotFound`, also to who may not read it */
  async function seen(actor: Actor, given: string): Promise<SeenFile> {
    const id = parseFileId(given);
    if (id === undefined) throw new ApiError("fileNotFound");
    return access.see(actor, id, MENTIONED);
  }

  async function accessUrl(actor: Actor, id: string, accessId: string): Promise<{ url: string }> {
    const file = await seen(actor, id);
    if (file.type === "folder") throw new ApiError("notFound", "A bundle has no access methods.");
    if (accessId !== ACCESS_ID) throw new ApiError("notFound", `The object's only access_id is ${ACCESS_ID}.`);
    if (!file.permissions.copy) throw new ApiError("fileForbidden", "Its bytes take the right to copy.");
    return { url: await sign(file, actor.username) };
  }

  async function blobs(files: readonly SeenFile[]): Promise<DrsObject[]> {
    const facts = await findFacts(
      db,
      files.map(({ id }) => id),
    );
    // A file that was removed for good in the meantime is described as it was seen.
    return files.map((file) => presentFile(file, facts.get(file.id) ?? { sha256: null, active: true }, links));
  }

  /** @throws ApiError `badRequest`: the standard has no status of its own for a bundle that is too large */
  async function bundle(folder: SeenFile, expand: boolean, budget: Budget): Promise<DrsObject> {
    const members = await listMembers(db, folder.id, budget.left + 1);
    if (members.length > budget.left)
      throw new ApiError(
        "badRequest",
        `The folder holds more than may be told (CAUSEWAY_DRS_BUNDLE_OBJECTS: ${limits.bundleObjects}).`,
      );
    budget.left -= members.length;
    const deepest = members.reduce((depth, member) => Math.max(depth, member.depth), 0);
    if (expand && deepest * NESTED_BY_FOLDER > limits.depth)
      throw new ApiError("badRequest", `Folders lie too deep in it to be expanded (CAUSEWAY_BODY_DEPTH: ${limits.depth}).`);
    return presentBundle(folder, bundleOf(folder.id, members, { uriOf: (id) => uriOf(id, links), expand }), links);
  }

  function openBudget(): Budget {
    return { left: limits.bundleObjects };
  }

  function refuseMany(count: number): void {
    if (count > limits.bulkObjects)
      throw new ApiError("requestTooLarge", `At most ${limits.bulkObjects} may be named (CAUSEWAY_DRS_BULK_OBJECTS).`);
  }
}

/** How much one request may still tell of what is in folders. */
interface Budget {
  left: number;
}

/** A list and an object. */
const NESTED_BY_FOLDER = 2;
