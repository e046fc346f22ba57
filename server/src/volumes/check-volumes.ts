import type { CheckedVolume } from "@causeway/contract";
import { probeVolume } from "@causeway/storage";
import type { Database } from "../db/database.ts";
import { SecretUnreadable } from "../secrets/secret-box.ts";
import { volumeIdOf } from "./access.ts";
import { probeRefusal } from "./faults.ts";
import type { OpenStores } from "./open-stores.ts";
import { listActive, type VolumeRow } from "./queries.ts";

/** Services that are asked at one moment. */
const AT_ONCE = 8;

export type VolumeCheck = ReturnType<typeof createVolumeCheck>;

/** Whether the volumes of this platform can be listed and read: for operators, whoever the volumes are of. Nothing is written. */
export function createVolumeCheck(db: Database, stores: OpenStores, answerMs: number) {
  return {
    /** Every active volume, by id. Takes, of `AT_ONCE` volumes that do not answer, as long as a call may. */
    async all(): Promise<CheckedVolume[]> {
      const waiting = await listActive(db);
      const checked: CheckedVolume[] = [];
      const worker = async () => {
        for (let volume = waiting.shift(); volume; volume = waiting.shift()) checked.push(await check(volume));
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      return checked.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
  };

  async function check(volume: VolumeRow): Promise<CheckedVolume> {
    const id = volumeIdOf(volume);
    try {
      await stores.using(volume, (store) => probeVolume(store, { write: false, signal: AbortSignal.timeout(answerMs) }));
      return { id, works: true, found: "works" };
    } catch (error) {
      return { id, works: false, found: sentenceOf(error, volume) };
    }
  }
}

function sentenceOf(error: unknown, { service }: VolumeRow): string {
  if (error instanceof SecretUnreadable) return error.message;
  const { kind, detail } = probeRefusal(error, service.type);
  return detail ?? kind;
}
