import type { Database } from "../db/database.ts";
import { violates } from "../db/database.ts";
import { ApiError } from "../http/errors.ts";
import type { UserRow, UserService } from "../users/service.ts";
import { type PriceChange, readPrices, writePrices } from "./price-list.ts";
import type { PriceList } from "./prices.ts";
import {
  addMember,
  allGroups,
  type BillingGroupRow,
  balancesOf,
  findGroup,
  insertGroup,
  memberNames,
  removeMember,
  updateGroup,
} from "./queries.ts";

/** A group as operators see it. */
export type OperatedGroup = BillingGroupRow & { members: string[]; balance: number };

export interface NewGroup {
  name: string;
  /** The username of its first member. */
  owner: string;
  type?: "free" | "regular";
  /** USD. */
  credit?: number;
}

export interface GroupChange {
  name?: string;
  pending?: boolean;
  disabled?: boolean;
  credit?: number;
}

export type BillingAdministration = ReturnType<typeof createBillingAdministration>;

/** What operators do with billing groups and prices; no actor is asked. */
export function createBillingAdministration(db: Database, users: UserService) {
  return {
    /** Every group, oldest first. */
    async list(): Promise<OperatedGroup[]> {
      return Promise.all((await allGroups(db)).map(operated));
    },

    /** @throws ApiError `userNotFound`; `billingExists` when the owner has a group of that name */
    async create({ name, owner, type = "regular", credit = 0 }: NewGroup): Promise<OperatedGroup> {
      const { id: ownerId } = await person(owner);
      const id = await named(() =>
        db.transaction().execute((tx) => insertGroup(tx, { name, ownerId, type, divisionId: null, credit })),
      );
      return operated(await group(id));
    },

    /** @throws ApiError `billingNotFound`; `billingExists` */
    async change(id: string, change: GroupChange): Promise<OperatedGroup> {
      await group(id);
      await named(() => updateGroup(db, id, change));
      return operated(await group(id));
    },

    /** Lets a user spend on the group; who can already still can. @throws ApiError `billingNotFound`, `userNotFound` */
    async addMember(id: string, username: string): Promise<OperatedGroup> {
      const found = await group(id);
      await addMember(db, id, (await person(username)).id);
      return operated(found);
    },

    /** @throws ApiError `billingNotFound`; `userNotFound` also for no member; `conflict` for the owner */
    async removeMember(id: string, username: string): Promise<OperatedGroup> {
      const found = await group(id);
      if (found.owner === username) throw new ApiError("conflict", "The owner stays a member of the group.");
      if (!(await removeMember(db, id, (await person(username)).id)))
        throw new ApiError("userNotFound", "The user is no member of the group.");
      return operated(found);
    },

    prices: (): Promise<PriceList> => readPrices(db),

    /** Sets what is given and answers the whole list; what was charged before stays. */
    async setPrices(change: PriceChange): Promise<PriceList> {
      await writePrices(db, change);
      return readPrices(db);
    },
  };

  async function group(id: string): Promise<BillingGroupRow> {
    const found = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? await findGroup(db, id) : undefined;
    if (!found) throw new ApiError("billingNotFound");
    return found;
  }

  async function person(username: string): Promise<UserRow> {
    const user = await users.find({ username });
    if (!user) throw new ApiError("userNotFound");
    return user;
  }

  async function operated(found: BillingGroupRow): Promise<OperatedGroup> {
    const balance = (await balancesOf(db, [found.id])).get(found.id) ?? 0;
    return { ...found, members: await memberNames(db, found.id), balance };
  }
}

async function named<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw violates(error, "billing_groups_name")
      ? new ApiError("billingExists", "The owner has a group of that name.", { cause: error })
      : error;
  }
}
