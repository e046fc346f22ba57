import { ApiFailure, ConnectionFailure } from "@causeway/contract";

/** A user as the operator's API shows one. */
export interface Account {
  username: string;
  email: string;
  first_name: string;
  last_name: string;
  is_admin: boolean;
  disabled: boolean;
  created_on: string;
}

export interface MaintenanceState {
  /** What is closed now: `platform`, names of services, or nothing. */
  closed: string[];
  /** What can be closed. */
  services: string[];
}

/** The operator's API (`/operator`, beside `/v2`), for administrators. It works while the platform is closed. */
export interface Operator {
  listUsers(): Promise<Account[]>;
  /** Makes a user; the token is shown this once. */
  createUser(user: { username: string; email?: string; is_admin?: boolean }): Promise<Account & { token: string }>;
  changeUser(username: string, change: { is_admin?: boolean; disabled?: boolean }): Promise<Account>;
  /** A new token, which ends the old one. */
  newToken(username: string): Promise<string>;
  maintenance(): Promise<MaintenanceState>;
  close(service: string): Promise<MaintenanceState>;
  open(service: string): Promise<MaintenanceState>;
}

/** @param url of the public API, ending in `/v2` */
export function createOperator(url: string, token: string | undefined): Operator {
  const base = `${url.replace(/\/v2\/?$/, "")}/operator`;

  async function call<Reply>(method: string, path: string, body?: unknown): Promise<Reply> {
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
  }

  const user = (username: string) => `/users/${encodeURIComponent(username)}`;
  const service = (name: string) => `/maintenance/${encodeURIComponent(name)}`;
  return {
    listUsers: async () => (await call<{ users: Account[] }>("GET", "/users")).users,
    createUser: (given) => call("POST", "/users", given),
    changeUser: (username, change) => call("PATCH", user(username), change),
    newToken: async (username) => (await call<{ token: string }>("POST", `${user(username)}/token`)).token,
    maintenance: () => call("GET", "/maintenance"),
    close: (name) => call("PUT", service(name)),
    open: (name) => call("DELETE", service(name)),
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
