import { type Operations, type Page, parseDay, type QueryOf } from "@causeway/contract";
import type { Database, Sql, Tx } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import {
  type AnalysisRow,
  type BreakdownFilter,
  type EgressRow,
  listAnalysisCosts,
  listEgressCosts,
  listSpending,
  listStorageCosts,
  type SpendingRow,
  type StorageRow,
} from "./breakdown-queries.ts";
import { findInvoice, type InvoiceRow, listInvoices } from "./invoice-queries.ts";
import { readPrices } from "./price-list.ts";
import type { PriceList } from "./prices.ts";
import {
  addMember,
  type BillingGroupRow,
  balancesOf,
  findDivisionGroup,
  findGroup,
  insertGroup,
  isMember,
  listGroups,
} from "./queries.ts";

type BreakdownQuery = () => QueryOf<Operations["listAnalysisCosts"]>;

export type { AnalysisRow, BillingGroupRow, EgressRow, InvoiceRow, SpendingRow, StorageRow };
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
    async list(actor: Actor, page: () => Page): Promise<Listed<BillingGroupRow>> {
      return listGroups(db, actor.id, page());
    },

    /** @throws ApiError `billingNotFound`, `billingForbidden` */
    get: (actor: Actor, id: string): Promise<BillingGroupRow> => visible(actor, id),

    /** What is left of each group's credit, in USD. */
    balances: (groups: readonly { id: string }[]): Promise<Map<string, number>> =>
      balancesOf(
        db,
        groups.map(({ id }) => id),
      ),

    /**
     * What was charged to a group: one row a task; one a project; one a project and user (users-billing-projects.md
     * §B.5). With an invoice what that charges, otherwise what none charges yet.
     *
     * @throws ApiError as `get`; `invoiceIdEmpty`; `badRequest` when the first day is after the last; `billingNotFound`
     * and `billingForbidden` of the invoice, too
     */
    async analysisCosts(actor: Actor, id: string, query: BreakdownQuery, page: () => Page): Promise<Listed<AnalysisRow>> {
      return listAnalysisCosts(db, await filterOf(actor, id, query), page());
    },

    /** See `analysisCosts`. */
    async storageCosts(actor: Actor, id: string, query: BreakdownQuery, page: () => Page): Promise<Listed<StorageRow>> {
      return listStorageCosts(db, await filterOf(actor, id, query), page());
    },

    /** See `analysisCosts`. */
    async egressCosts(actor: Actor, id: string, query: BreakdownQuery, page: () => Page): Promise<Listed<EgressRow>> {
      return listEgressCosts(db, await filterOf(actor, id, query), page());
    },

    /** All tasks that a group was ever charged, those of one project together. @throws ApiError as `get` */
    async spending(actor: Actor, id: string): Promise<SpendingRow[]> {
      return listSpending(db, (await visible(actor, id)).id);
    },

    /**
     * The invoices of one group, or of all the actor's, newest first.
     *
     * @throws ApiError as `get` for the group; `billingGroupIdEmpty`, `billingGroupIdInvalid`
     */
    async listInvoices(
      actor: Actor,
      query: () => QueryOf<Operations["listInvoices"]>,
      page: () => Page,
    ): Promise<Listed<InvoiceRow>> {
      const { billing_group: named } = query();
      const filter = named === undefined ? { userId: actor.id } : { groupId: (await visible(actor, named)).id };
      return listInvoices(db, filter, page());
    },

    /** @throws ApiError `billingNotFound`, `billingForbidden` */
    async getInvoice(actor: Actor, id: string): Promise<InvoiceRow> {
      const invoice = await findInvoice(db, id);
      if (!invoice) throw new ApiError("billingNotFound");
      if (!(await isMember(db, invoice.group_id, actor.id))) throw new ApiError("billingForbidden");
      return invoice;
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

    /** What everything costs now. */
    prices: (): Promise<PriceList> => readPrices(db),

    /** The names of the instance types of the price list, which tasks can ask for. */
    instanceTypes: async (): Promise<ReadonlySet<string>> => new Set((await readPrices(db)).instances.map(({ name }) => name)),

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

  async function visible(actor: Actor, id: string): Promise<BillingGroupRow> {
    const group = await findGroup(db, id);
    if (!group) throw new ApiError("billingNotFound");
    if (!(await isMember(db, id, actor.id))) throw new ApiError("billingForbidden");
    return group;
  }

  async function filterOf(actor: Actor, groupId: string, query: BreakdownQuery): Promise<BreakdownFilter> {
    await visible(actor, groupId);
    const { date_from, date_to, invoice_id } = query();
    const [from, to] = [date_from, date_to].map((day) => (day === undefined ? undefined : isoDay(day)));
    if (from !== undefined && to !== undefined && from > to) throw new ApiError("badRequest", "`date_from` is after `date_to`.");
    const invoice = invoice_id === undefined ? undefined : await findInvoice(db, invoice_id);
    if (invoice_id !== undefined && !invoice) throw new ApiError("billingNotFound");
    if (invoice && invoice.group_id !== groupId) throw new ApiError("billingForbidden", "The invoice is another group's.");
    return {
      groupId,
      ...(invoice ? { invoiceId: invoice.id } : {}),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    };
  }
}

/** `mm-dd-yyyy`, which the contract has checked, as `yyyy-mm-dd`. */
const isoDay = (day: string): string => parseDay(day)!.toISOString().slice(0, 10);

const isUsable = ({ pending, disabled }: BillingGroupRow) => !pending && !disabled;
