import type { Database, Sql, Tx } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import { addMember, type BillingGroupRow, findDivisionGroup, findGroup, insertGroup, isMember, listGroups } from "./queries.ts";

export type BillingService = ReturnType<typeof createBillingService>;

export function createBillingService(db: Database) {
  return {
    /**
     * Gives a new user a billing group, since scripts begin with "the first billing group": one of their own, or that of
     * their division, whose first user owns it.
     */
    async welcome(tx: Tx, user: { id: string; username: string; division_id: string | null }): Promise<void> {
      const { division_id: divisionId } = user;
      const shared = divisionId === null ? undefined : await findDivisionGroup(tx, divisionId);
      if (shared !== undefined) return addMember(tx, shared, user.id);
      const name = `${divisionId ?? user.username}'s billing group`;
      await insertGroup(tx, { name, ownerId: user.id, type: "free", divisionId });
    },

    /** The groups the actor is a member of, pending and disabled ones too, oldest first. */
    async list(actor: Actor, page: () => { limit: number; offset: number }): Promise<Listed<BillingGroupRow>> {
      return listGroups(db, actor.id, page());
    },

    /** @throws ApiError `billingNotFound`, `billingForbidden` */
    async get(actor: Actor, id: string): Promise<BillingGroupRow> {
      const group = await findGroup(db, id);
      if (!group) throw new ApiError("billingNotFound");
      if (!(await isMember(db, id, actor.id))) throw new ApiError("billingForbidden");
      return group;
    },

    /**
     * The group that shall pay for something of the actor's: the one named, or else the actor's first usable one.
     *
     * @throws ApiError `billingNotFound`, `billingGroupNotMember`; `billingForbidden` when it is pending or disabled;
     * `projectBillingGroupEmpty` when none was named and the actor has none
     */
    async payer(actor: Actor, named: string | undefined, sql: Sql = db): Promise<string> {
      if (named === undefined) {
        const { items } = await listGroups(sql, actor.id, { limit: 100, offset: 0 });
        const first = items.find(isUsable);
        if (!first) throw new ApiError("projectBillingGroupEmpty", "You have no billing group that is in force.");
        return first.id;
      }
      const group = await findGroup(sql, named);
      if (!group) throw new ApiError("billingNotFound");
      if (!(await isMember(sql, named, actor.id))) throw new ApiError("billingGroupNotMember");
      if (!isUsable(group)) throw new ApiError("billingForbidden", "The billing group is pending or disabled.");
      return named;
    },

    /**
     * Refuses to spend on a group that cannot pay: what a task asks before it runs.
     *
     * @throws ApiError `billingForbidden`
     */
    async requireFunds(groupId: string | null, sql: Sql = db): Promise<void> {
      const group = groupId === null ? undefined : await findGroup(sql, groupId);
      if (!group || !isUsable(group))
        throw new ApiError("billingForbidden", "The project has no billing group that is in force.");
    },
  };
}

const isUsable = ({ pending, disabled }: BillingGroupRow) => !pending && !disabled;
