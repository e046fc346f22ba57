import type { Readable } from "node:stream";
import { json } from "node:stream/consumers";
import type { HttpAnswer, ServiceHttp } from "../net/service-http.ts";
import { faultOfStatus } from "../net/status-faults.ts";
import type { VolumeAction, VolumeFault } from "../volume-errors.ts";
import { VolumeError } from "../volume-errors.ts";
import type { ServiceAccount } from "./service-account.ts";

/** The words of Google's JSON errors for which the status alone says too little. */
const FAULT_OF_REASON: Record<string, VolumeFault> = {
  rateLimitExceeded: "Throttled",
  userRateLimitExceeded: "Throttled",
  dailyLimitExceeded: "Throttled",
  quotaExceeded: "StorageFull",
  required: "InvalidCredentials",
  authError: "InvalidCredentials",
  invalidArgument: "Refused",
  badDigest: "BodyDamaged",
};

export interface GcsCall {
  method: string;
  /** Below the root URL; segments are escaped already. */
  path: string;
  query?: Record<string, string | undefined>;
  headers?: Record<string, string>;
  body?: Readable | Buffer | string;
  bytes?: boolean;
  signal?: AbortSignal | undefined;
  action: VolumeAction;
  /** Statuses that are no errors here. */
  accept?: readonly number[];
}

/** Requests to Google's JSON API with the account's token, and its errors in the words of volumes. */
export class GcsApi {
  readonly root: URL;
  readonly #http: ServiceHttp;
  readonly #account: ServiceAccount;

  constructor(root: URL, http: ServiceHttp, account: ServiceAccount) {
    this.root = root;
    this.#http = http;
    this.#account = account;
  }

  async send({ method, path, query = {}, headers = {}, body, bytes, signal, action, accept = [] }: GcsCall): Promise<HttpAnswer> {
    const url = new URL(path, this.root);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const token = await this.#account.token();
    const answer = await this.#http
      .send({ method, url, headers: { ...headers, authorization: `Bearer ${token}` }, body, ...(bytes ? { bytes } : {}), signal })
      .catch((error) => {
        throw error instanceof VolumeError ? error.of(action) : error;
      });
    if ((answer.status >= 200 && answer.status < 300) || accept.includes(answer.status)) return answer;
    if (answer.status === 401) this.#account.forget();
    throw await faultOf(answer, action);
  }

  /** As `send`, for an answer that is JSON. */
  async ask(call: GcsCall): Promise<Record<string, unknown>> {
    return objectIn(await this.send(call), call.action);
  }
}

export async function objectIn(answer: HttpAnswer, action: VolumeAction): Promise<Record<string, unknown>> {
  const said = await json(answer.body).catch(() => undefined);
  if (typeof said !== "object" || said === null || Array.isArray(said))
    throw new VolumeError("BadAnswer", { action, detail: "it is no JSON object" });
  return said as Record<string, unknown>;
}

async function faultOf(answer: HttpAnswer, action: VolumeAction): Promise<VolumeError> {
  const { status } = answer;
  const said = (await json(answer.body).catch(() => undefined)) as { error?: { errors?: { reason?: unknown }[] } } | undefined;
  const reason = said?.error?.errors?.[0]?.reason;
  const context = { action, status, code: typeof reason === "string" ? reason : undefined };
  if (status === 412 || status === 304) return new VolumeError(action === "read" ? "ObjectChanged" : "ObjectExists", context);
  if (status === 410 || status === 499) return new VolumeError("NoSuchUpload", context);
  const fault = (context.code === undefined ? undefined : FAULT_OF_REASON[context.code]) ?? faultOfStatus(status);
  return new VolumeError(fault, context);
}
