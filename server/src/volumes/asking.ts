import { type VolumeStore, withVolumeRetries } from "@causeway/storage";
import { readRefusal } from "./faults.ts";
import type { OpenStores } from "./open-stores.ts";
import type { VolumeRow } from "./queries.ts";

/** In a call a request that failed in passing is made again, once. */
export const PATIENCE = { attempts: 2, pause: 200 };

/** What a call asks of the service of a volume. @throws ApiError as `readRefusal` */
export async function asking<Answer>(
  stores: OpenStores,
  volume: Pick<VolumeRow, "id" | "revision" | "service">,
  ask: (store: VolumeStore) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await stores.using(volume, (store) => ask(withVolumeRetries(store, PATIENCE)));
  } catch (error) {
    throw readRefusal(error);
  }
}
