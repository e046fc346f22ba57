import { openVolume, type VolumeStore } from "@causeway/storage";
import type { Database } from "../db/database.ts";
import type { SecretBox } from "../secrets/secret-box.ts";
import { secretsOf, type VolumeRow } from "./queries.ts";
import type { VolumeDeployment } from "./services/deployment.ts";
import { joined, type Secrets, type ShownService } from "./services/service-shape.ts";
import { connectionOf, storeSettingsOf } from "./services/store-settings.ts";

/** A store that is shared with others and stays open until it is released. */
export interface TakenStore {
  readonly store: VolumeStore;
  /** Once, when nothing more is asked and all its streams have ended. */
  release(): void;
}

/** Stores that are kept open for the next call: each has connections of its own. */
const KEPT = 64;

interface Entry {
  revision: number;
  opening: Promise<VolumeStore>;
  users: number;
  isRetired: boolean;
}

export const secretsAbout = (id: string): string => `volumes.secrets ${id}`;

export type OpenStores = ReturnType<typeof createOpenStores>;

/** The stores of volumes, each opened once for as long as the volume stays as it is. */
export function createOpenStores(db: Database, secrets: SecretBox, deployment: VolumeDeployment) {
  const entries = new Map<string, Entry>();
  return {
    /**
     * The store of an active volume. Use `using` where it is not needed longer than one function.
     *
     * @throws VolumeError for settings that no store can be opened with, `NoSuchBucket` for a directory that is no longer
     * declared; SecretUnreadable
     */
    async take(volume: Pick<VolumeRow, "id" | "revision" | "service">): Promise<TakenStore> {
      const entry = entryOf(volume);
      entry.users += 1;
      let isReleased = false;
      const release = () => {
        if (isReleased) return;
        isReleased = true;
        entry.users -= 1;
        if (entry.isRetired && entry.users === 0) close(entry);
      };
      try {
        return { store: await entry.opening, release };
      } catch (error) {
        if (entries.get(volume.id) === entry) entries.delete(volume.id);
        throw error;
      }
    },

    /** Does something with the store of a volume. @throws as `take`, and what `work` throws */
    async using<Answer>(
      volume: Pick<VolumeRow, "id" | "revision" | "service">,
      work: (store: VolumeStore) => Promise<Answer>,
    ): Promise<Answer> {
      const { store, release } = await this.take(volume);
      try {
        return await work(store);
      } finally {
        release();
      }
    },

    /** What is secret of a volume. @throws SecretUnreadable */
    secretsOf: (id: string): Promise<Secrets> => readSecrets(id),

    close(): void {
      for (const entry of entries.values()) close(entry);
      entries.clear();
    },
  };

  function entryOf({ id, revision, service }: Pick<VolumeRow, "id" | "revision" | "service">): Entry {
    const known = entries.get(id);
    entries.delete(id);
    const entry = known?.revision === revision ? known : { revision, opening: open(id, service), users: 0, isRetired: false };
    if (known && known !== entry) retire(known);
    // In the order of their last use.
    entries.set(id, entry);
    for (const [oldId, old] of entries) {
      if (entries.size <= KEPT) break;
      entries.delete(oldId);
      retire(old);
    }
    return entry;
  }

  async function open(id: string, shown: ShownService): Promise<VolumeStore> {
    const service = joined(shown, await readSecrets(id));
    return openVolume(storeSettingsOf(service, deployment), connectionOf(service, deployment));
  }

  async function readSecrets(id: string): Promise<Secrets> {
    const sealed = await secretsOf(db, id);
    return sealed ? (JSON.parse(await secrets.open(sealed, secretsAbout(id))) as Secrets) : {};
  }
}

/** Closed as soon as nobody uses it. */
function retire(entry: Entry): void {
  entry.isRetired = true;
  if (entry.users === 0) close(entry);
}

function close(entry: Entry): void {
  entry.opening.then(
    (store) => store.close(),
    () => {},
  );
}
