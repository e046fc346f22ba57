import { ApiFailure, ConnectionFailure } from "@causeway/contract";

/** A user as the operator's API shows one. */
export interface Account {
  username: string;
  email: string;
  first_name: string;
  last_name: string;
  is_admin: boolean;
  disabled: boolean;
  /** Of a division's user: its id, and the user's role there. */
  division?: string;
  role?: string;
  created_on: string;
}

export interface NewAccount {
  username: string;
  email?: string;
  is_admin?: boolean;
  division?: string;
  role?: string;
}

export interface Division {
  id: string;
  name: string;
  created_on: string;
}

/** A billing group as the operator's API shows one; `credit` and `balance` in USD. */
export interface OperatedGroup {
  id: string;
  name: string;
  owner: string;
  type: string;
  pending: boolean;
  disabled: boolean;
  credit: number;
  balance: number;
  members: string[];
  created_on: string;
}

export interface InstancePrice {
  name: string;
  cpus: number;
  memory_mib: number;
  /** USD. */
  hourly: number;
}

/** What things cost, in USD. */
export interface Prices {
  currency: "USD";
  storage_gb_month: number;
  egress_gb: number;
  disk_gb_hour: number;
  /** What part of its price an interruptible instance costs, from 0 to 1. */
  interruptible_factor: number;
  instances: InstancePrice[];
}

/** How large a share of the machines is; `name` is a billing group's id, a project's `owner/project`, a username. */
export interface ShareWeight {
  of: "billing-group" | "project" | "user";
  name: string;
  weight: number;
}

export interface Feedback {
  username: string;
  type: string;
  text: string;
  referrer: string | null;
  sent_on: string;
}

interface Deleted {
  id: string;
  deleted_on: string;
  restorable_until: string;
}
/** `project` is the `owner/project` it had. */
export type DeletedProject = Deleted & { project: string; name: string };
/** `path` is that below its project. */
export type DeletedFile = Deleted & { path: string; type: "file" | "folder"; size?: number };

export interface RestoredFile {
  id: string;
  path: string;
  files: number;
  folders: number;
}

export interface MaintenanceState {
  /** What is closed now: `platform`, names of services, or nothing. */
  closed: string[];
  /** What can be closed. */
  services: string[];
}

/** What is known of the stored bytes. Times are ISO 8601, `bytes` in bytes. */
export interface StoredBytes {
  /** The last reading of everything that has ended, and the one under way. */
  last: { finished: string; blobs: number; bytes: number; damaged: number } | null;
  current: { started: string; blobs: number; bytes: number; damaged: number } | null;
  /** How many blobs are damaged now, and the first hundred of them. */
  damaged: number;
  blobs: { key: string; damage: string; files: { id: string; name: string; project: string }[] }[];
}

/** The operator's API (`/operator`, beside `/v2`), for administrators. It works while the platform is closed. */
export interface Operator {
  listUsers(): Promise<Account[]>;
  /** Makes a user; the token is shown this once. */
  createUser(user: NewAccount): Promise<Account & { token: string }>;
  changeUser(username: string, change: { is_admin?: boolean; disabled?: boolean }): Promise<Account>;
  /** A new token, which ends the old one. */
  newToken(username: string): Promise<string>;

  listDivisions(): Promise<Division[]>;
  createDivision(division: { id: string; name: string }): Promise<Division>;

  listBillingGroups(): Promise<OperatedGroup[]>;
  createBillingGroup(group: { name: string; owner: string; credit?: number }): Promise<OperatedGroup>;
  changeBillingGroup(
    id: string,
    change: { name?: string; credit?: number; pending?: boolean; disabled?: boolean },
  ): Promise<OperatedGroup>;
  addPayer(group: string, username: string): Promise<OperatedGroup>;
  removePayer(group: string, username: string): Promise<OperatedGroup>;
  prices(): Promise<Prices>;
  /** Sets what is given; instances by their names. */
  setPrices(change: Partial<Omit<Prices, "currency">>): Promise<Prices>;

  /** The weights that were set. */
  weights(): Promise<ShareWeight[]>;
  setWeight(weight: ShareWeight): Promise<ShareWeight>;
  /** It counts as 1 again. Answers those that are still set. */
  unsetWeight(of: ShareWeight["of"], name: string): Promise<ShareWeight[]>;

  listFeedback(): Promise<Feedback[]>;

  listDeletedProjects(): Promise<DeletedProject[]>;
  /** Answers the project's `owner/project`. */
  restoreProject(id: string, as: { short_name?: string }): Promise<string>;
  /** One page of what was deleted in a project, the last first. */
  listDeletedFiles(project: string, page: { name?: string; limit: number; offset: number }): Promise<DeletedFile[]>;
  restoreFile(id: string, to: { name?: string; parent?: string; since?: string }): Promise<RestoredFile>;

  /** What is known of the stored bytes: when they were read, which are damaged. */
  storedBytes(): Promise<StoredBytes>;

  maintenance(): Promise<MaintenanceState>;
  close(service: string): Promise<MaintenanceState>;
  open(service: string): Promise<MaintenanceState>;
}

/** @param url of the public API, ending in `/v2` */
export function createOperator(url: string, token: string | undefined): Operator {
  const call = callsTo(url, token);
  const service = (name: string) => `/maintenance/${encodeURIComponent(name)}`;
  return {
    listUsers: async () => (await call<{ users: Account[] }>("GET", "/users")).users,
    createUser: (given) => call("POST", "/users", given),
    changeUser: (username, change) => call("PATCH", below("/users", username), change),
    newToken: async (username) => (await call<{ token: string }>("POST", `${below("/users", username)}/token`)).token,

    listDivisions: async () => (await call<{ divisions: Division[] }>("GET", "/divisions")).divisions,
    createDivision: (division) => call("POST", "/divisions", division),

    ...billing(call),

    weights: async () => (await call<{ weights: ShareWeight[] }>("GET", "/weights")).weights,
    setWeight: (weight) => call("PUT", "/weights", weight),
    unsetWeight: async (of, name) =>
      (await call<{ weights: ShareWeight[] }>("DELETE", `/weights?${new URLSearchParams({ of, name })}`)).weights,

    listFeedback: async () => (await call<{ feedback: Feedback[] }>("GET", "/feedback")).feedback,

    ...trash(call),

    storedBytes: () => call("GET", "/stored-bytes"),

    maintenance: () => call("GET", "/maintenance"),
    close: (name) => call("PUT", service(name)),
    open: (name) => call("DELETE", service(name)),
  };
}

type Call = <Reply>(method: string, path: string, body?: unknown) => Promise<Reply>;

const below = (path: string, name: string) => `${path}/${encodeURIComponent(name)}`;

function billing(call: Call) {
  const group = (id: string) => below("/billing-groups", id);
  return {
    listBillingGroups: async () => (await call<{ billing_groups: OperatedGroup[] }>("GET", "/billing-groups")).billing_groups,
    createBillingGroup: (given) => call("POST", "/billing-groups", given),
    changeBillingGroup: (id, change) => call("PATCH", group(id), change),
    addPayer: (id, username) => call("PUT", below(`${group(id)}/members`, username)),
    removePayer: (id, username) => call("DELETE", below(`${group(id)}/members`, username)),
    prices: () => call("GET", "/prices"),
    setPrices: (change) => call("PATCH", "/prices", change),
  } satisfies Partial<Operator>;
}

function trash(call: Call) {
  return {
    listDeletedProjects: async () => (await call<{ projects: DeletedProject[] }>("GET", "/trash/projects")).projects,
    restoreProject: async (id, as) =>
      (await call<{ project: string }>("POST", `${below("/trash/projects", id)}/restore`, as)).project,
    async listDeletedFiles(project, { limit, offset, name }) {
      const query = new URLSearchParams({ project, limit: String(limit), offset: String(offset), ...(name && { name }) });
      return (await call<{ files: DeletedFile[] }>("GET", `/trash/files?${query}`)).files;
    },
    restoreFile: (id, to) => call("POST", `${below("/trash/files", id)}/restore`, to),
  } satisfies Partial<Operator>;
}

function callsTo(url: string, token: string | undefined): Call {
  const base = `${url.replace(/\/v2\/?$/, "")}/operator`;
  return async <Reply>(method: string, path: string, body?: unknown) => {
    const response = await fetch(base + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { "x-sbg-auth-token": token }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new ConnectionFailure(url, cause);
    });
    const text = await response.text();
    if (!response.ok)
      throw new ApiFailure(response.status, jsonOf(text) ?? {}, response.headers.get("x-request-id") ?? undefined);
    return JSON.parse(text) as Reply;
  };
}

/** A proxy may have answered with a page of its own. */
function jsonOf(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
