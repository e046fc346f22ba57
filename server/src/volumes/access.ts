import type { Database, Sql, Tx } from "../db/database.ts";
import type { ActorId } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import {
  findVolume,
  findVolumeById,
  holdVolume,
  type SeenVolume,
  type VolumeName,
  type VolumePermission,
  type VolumeRow,
} from "./queries.ts";

export type { SeenVolume, VolumeName, VolumeRow };

export const volumeIdOf = ({ owner, name }: Pick<VolumeRow, "owner" | "name">): string => `${owner}/${name}`;

/** The name in a text such as `owner/name`; undefined for one that no volume can have. */
export function parseVolumeId(id: string): VolumeName | undefined {
  const [owner, volume, ...rest] = id.split("/");
  return owner && volume && rest.length === 0 ? { owner, volume } : undefined;
}

export type VolumeAccess = ReturnType<typeof createVolumeAccess>;

/** The one door through which the calls of volumes, imports and exports reach a volume. */
export function createVolumeAccess(db: Database) {
  return {
    /** The volume of that name with what the actor may do on it, which may be nothing. */
    see: (actor: ActorId, name: VolumeName, sql: Sql = db): Promise<SeenVolume | undefined> => findVolume(sql, name, actor.id),

    /**
     * The volume of that name, if the actor has the permission (`admin` is all of them; volumes.md §1.6).
     *
     * @throws ApiError `volumeNotFound`, `volumeForbidden`
     */
    async require(actor: ActorId, name: VolumeName, permission: VolumePermission, sql: Sql = db): Promise<SeenVolume> {
      const volume = await this.see(actor, name, sql);
      if (!volume) throw new ApiError("volumeNotFound");
      if (!volume.rights[permission]) throw new ApiError("volumeForbidden");
      return volume;
    },

    /**
     * As `require`, of a volume that is active, by its public id.
     *
     * @throws ApiError `volumeNotFound`, `volumeForbidden`, `volumeInactive`
     */
    async requireActive(
      actor: ActorId,
      named: VolumeName | string,
      permission: VolumePermission,
      sql: Sql = db,
    ): Promise<SeenVolume> {
      const name = typeof named === "string" ? parseVolumeId(named) : named;
      if (!name) throw new ApiError("volumeNotFound");
      const volume = await this.require(actor, name, permission, sql);
      if (!volume.active) throw new ApiError("volumeInactive");
      return volume;
    },

    /** The volume of that internal id, whoever asks: for aliases and jobs. Undefined when it was deleted. */
    find: (id: string, sql: Sql = db): Promise<VolumeRow | undefined> => findVolumeById(sql, id),

    /**
     * Holds the volume until the transaction ends: it is neither changed, nor deactivated, nor deleted meanwhile. Whoever
     * puts a job or an alias on it calls this first, in the same transaction. Undefined when it was deleted.
     */
    hold: (tx: Tx, id: string): Promise<VolumeRow | undefined> => holdVolume(tx, id),
  };
}
