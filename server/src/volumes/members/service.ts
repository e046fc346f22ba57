import { type BodyOf, type Operations, type Page, parseUuid } from "@causeway/contract";
import type { Database } from "../../db/database.ts";
import type { DivisionService } from "../../divisions/service.ts";
import type { Actor } from "../../http/actor.ts";
import type { Listed } from "../../http/calls.ts";
import { ApiError } from "../../http/errors.ts";
import type { TeamService } from "../../teams/service.ts";
import type { UserService } from "../../users/service.ts";
import type { VolumeAccess, VolumeName } from "../access.ts";
import type { SeenVolume, VolumeRights } from "../queries.ts";
import {
  deleteVolumeMember,
  findVolumeMember,
  insertVolumeMember,
  listVolumeMembers,
  setVolumePermissions,
  type VolumeMemberRow,
} from "./queries.ts";

export type VolumeMemberService = ReturnType<typeof createVolumeMemberService>;

/** A member with the volume that it is of. */
export interface MemberOfVolume {
  volume: SeenVolume;
  member: VolumeMemberRow;
}

type Given = BodyOf<Operations["changeVolumePermissions"]>;
type Named = Pick<VolumeMemberRow, "key" | "type" | "id" | "email">;

/** Users, teams and divisions on a volume (volumes.md §2.8): whoever may read it sees them, whoever administers it changes them. */
export function createVolumeMemberService(
  db: Database,
  access: VolumeAccess,
  people: { users: UserService; teams: TeamService; divisions: DivisionService },
) {
  return {
    /** @throws ApiError `volumeNotFound`, `volumeForbidden` */
    async list(actor: Actor, name: VolumeName, page: () => Page): Promise<Listed<MemberOfVolume>> {
      const volume = await access.require(actor, name, "read");
      const { items, total } = await listVolumeMembers(db, volume.id, page());
      return { items: items.map((member) => ({ volume, member })), total };
    },

    /** @throws ApiError `volumeNotFound`, `volumeForbidden`, `notFound` for who is no member */
    async get(actor: Actor, name: VolumeName, id: string): Promise<MemberOfVolume> {
      const volume = await access.require(actor, name, "read");
      return { volume, member: await found(volume, id) };
    },

    /**
     * Adds a user, or a team or division of the actor's; permissions that are not given are false.
     *
     * @throws ApiError `volumeNotFound`, `volumeForbidden`, `volumeRequestInvalid`; `volumeProjectNotFound` for who is not
     * there, also for teams and divisions of others; `conflict` for who is a member already
     */
    async add(actor: Actor, name: VolumeName, body: () => BodyOf<Operations["addVolumeMember"]>): Promise<MemberOfVolume> {
      const volume = await access.require(actor, name, "admin");
      const { username, type = "USER", permissions: given } = body();
      const named = await (type === "USER" ? userNamed(username) : groupNamed(actor, type, username));
      const permissions = { ...NONE, ...given };
      if (!(await insertVolumeMember(db, volume.id, named.key, permissions)))
        throw new ApiError("conflict", `${named.id} is a member already: change the permissions.`);
      return { volume, member: { ...named, permissions } };
    },

    /** Changes those given. @throws ApiError as `get`, `volumeRequestInvalid`; `volumeForbidden` for the volume's maker */
    change: (actor: Actor, name: VolumeName, id: string, body: () => Given): Promise<VolumeRights> => set(actor, name, id, body),

    /** Sets all four: those not given to false. @throws ApiError as `change` */
    replace: (actor: Actor, name: VolumeName, id: string, body: () => Given): Promise<VolumeRights> =>
      set(actor, name, id, () => ({ ...NONE, ...body() })),

    /** @throws ApiError as `get`; `volumeForbidden` for the volume's maker */
    async remove(actor: Actor, name: VolumeName, id: string): Promise<void> {
      const volume = await access.require(actor, name, "admin");
      const member = await found(volume, id);
      if (isMaker(volume, member)) throw new ApiError("volumeForbidden", "Who made a volume stays its member.");
      await deleteVolumeMember(db, volume.id, member.key);
    },
  };

  async function set(actor: Actor, name: VolumeName, id: string, wanted: () => Given): Promise<VolumeRights> {
    const volume = await access.require(actor, name, "admin");
    const permissions = wanted();
    const member = await found(volume, id);
    if (isMaker(volume, member) && Object.values(permissions).includes(false))
      throw new ApiError("volumeForbidden", "Who made a volume keeps all permissions.");
    const now = await setVolumePermissions(db, volume.id, member.key, permissions);
    if (!now) throw notAMember(id);
    return now;
  }

  async function found(volume: SeenVolume, id: string): Promise<VolumeMemberRow> {
    const member = await findVolumeMember(db, volume.id, id);
    if (!member) throw notAMember(id);
    return member;
  }

  async function userNamed(username: string): Promise<Named> {
    const user = await people.users.find({ username });
    if (!user) throw new ApiError("volumeProjectNotFound", "There is no such user.");
    return { key: { user_id: user.id }, type: "USER", id: user.username, email: user.email };
  }

  /** A team or a division of the actor's own; operators of the platform take any. */
  async function groupNamed(actor: Actor, type: "TEAM" | "DIVISION", id: string): Promise<Named> {
    const teamId = type === "TEAM" ? parseUuid(id) : undefined;
    const team = teamId === undefined ? undefined : await people.teams.find(teamId);
    const divisionId = type === "TEAM" ? team?.division_id : (await people.divisions.find(id))?.id;
    if (divisionId === undefined || (actor.division?.id !== divisionId && !actor.isAdmin))
      throw new ApiError(
        "volumeProjectNotFound",
        `There is no such ${type.toLowerCase()} of yours: users of a division add it and its teams.`,
      );
    return team
      ? { key: { team_id: team.id }, type, id: team.id, email: "" }
      : { key: { division_id: divisionId }, type, id: divisionId, email: "" };
  }
}

const NONE: VolumeRights = { read: false, copy: false, write: false, admin: false };

const isMaker = (volume: SeenVolume, { key }: VolumeMemberRow): boolean => "user_id" in key && key.user_id === volume.created_by;

const notAMember = (id: string) => new ApiError("notFound", `${id} is no member of this volume.`);
