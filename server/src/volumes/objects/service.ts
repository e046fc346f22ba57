import type { ListedObject, ListFrom, ObjectPage, VolumeObject, VolumeStore } from "@causeway/storage";
import type { Actor } from "../../http/actor.ts";
import { ApiError } from "../../http/errors.ts";
import type { VolumeAccess, VolumeName } from "../access.ts";
import { asking } from "../asking.ts";
import type { OpenStores } from "../open-stores.ts";
import type { SeenVolume } from "../queries.ts";
import { pageOf } from "./page-of.ts";
import type { PageTokens } from "./page-token.ts";

/** One page of what lies directly in a folder of a volume. */
export interface FolderPage {
  volume: SeenVolume;
  /** As it was asked for. */
  prefix: string;
  objects: ListedObject[];
  /** Without a slash at the end. */
  folders: string[];
  /** The token of the next page. */
  next: string | undefined;
}

export interface WantedPage {
  prefix: string;
  token: string | undefined;
  limit: number;
}

export type VolumeObjectService = ReturnType<typeof createVolumeObjectService>;

/** Pages without an entry that are asked past in one call: some services give them. */
const EMPTY_PAGES = 10;

/** What lies on volumes, as the service itself tells it at that moment (volumes.md §2.6, §2.7). */
export function createVolumeObjectService(access: VolumeAccess, stores: OpenStores, tokens: PageTokens, answerMs: number) {
  const answering = () => AbortSignal.timeout(answerMs);
  return {
    /**
     * @throws ApiError `volumeNotFound`, `volumeForbidden`, `volumeInactive`; `volumeRequestInvalid` for what can be no
     * folder; `scrollTokenUndecodable`, `scrollTokenInvalid`; `volumeReadForbidden`, `volumeBucketNotFound`,
     * `volumeServiceUnreachable`
     */
    async list(actor: Actor, name: VolumeName, wanted: () => WantedPage): Promise<FolderPage> {
      const volume = await access.requireActive(actor, name, "read");
      const { limit, token, ...asked } = wanted();
      const from = token === undefined ? { prefix: asked.prefix, token: undefined } : tokens.read(volume.id, token);
      const folder = from.prefix.replace(/^\/+|\/+$/g, "");
      const page = await asking(stores, volume, (store) =>
        filledPage(store, { prefix: folder === "" ? "" : `${folder}/`, delimiter: "/", limit, token: from.token }, answering()),
      );
      const next = page.next === undefined ? undefined : tokens.tokenOf(volume.id, { prefix: from.prefix, token: page.next });
      if (page.next !== undefined && next === undefined)
        throw new ApiError("volumeServiceUnreachable", "The service's own token of the next page is too long.");
      return {
        volume,
        prefix: from.prefix,
        objects: page.objects.filter(({ location }) => !location.endsWith("/")),
        folders: page.prefixes.map((prefix) => prefix.replace(/\/$/, "")),
        next,
      };
    },

    /**
     * @throws ApiError as `list`, without the tokens; `volumeLocationSlash`; `volumeObjectNotFound`
     */
    async get(actor: Actor, name: VolumeName, location: () => string): Promise<{ volume: SeenVolume; object: VolumeObject }> {
      const volume = await access.requireActive(actor, name, "read");
      const key = location().replace(/^\/+/, "");
      if (key === "") throw new ApiError("volumeRequestInvalid", "`location` must not be empty.");
      if (key.endsWith("/")) throw new ApiError("volumeLocationSlash");
      return { volume, object: await asking(stores, volume, (store) => store.stat(key, { signal: answering() })) };
    },
  };
}

/** A page that has an entry, unless the list ends. */
async function filledPage(store: VolumeStore, from: ListFrom, signal: AbortSignal): Promise<ObjectPage> {
  let page = await pageOf(store, from, signal);
  for (let count = 1; count < EMPTY_PAGES && page.next !== undefined && isEmpty(page); count += 1) {
    page = await pageOf(store, { ...from, token: page.next }, signal);
  }
  return page;
}

const isEmpty = ({ objects, prefixes }: ObjectPage) =>
  prefixes.length === 0 && objects.every(({ location }) => location.endsWith("/"));
