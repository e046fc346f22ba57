import { json } from "node:stream/consumers";
import { ServiceHttp, VolumeError } from "@causeway/storage";
import { type Static, Type } from "typebox";
import Value from "typebox/value";
import { ApiError } from "../http/errors.ts";
import type { DrsHost } from "./hosts.ts";

const AccessUrl = Type.Object({ url: Type.String(), headers: Type.Optional(Type.Array(Type.String())) });

const RemoteObject = Type.Object({
  name: Type.Optional(Type.String()),
  size: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  checksums: Type.Optional(Type.Array(Type.Object({ type: Type.String(), checksum: Type.String() }))),
  access_methods: Type.Optional(
    Type.Array(
      Type.Object({
        type: Type.String(),
        access_id: Type.Optional(Type.String()),
        access_url: Type.Optional(AccessUrl),
      }),
    ),
  ),
  contents: Type.Optional(Type.Array(Type.Unknown())),
});

/** An object as its service tells it, as far as it is looked at (DRS 1.5, `DrsObject`). */
export type RemoteObject = Static<typeof RemoteObject>;

/** An answer that a service takes longer to make than it lets others wait. */
const ACCEPTED = 202;

/**
 * The object, with all that is in it.
 *
 * @throws ApiError `drsSourceNotFound`, `drsSourceForbidden`, `importFailed`; VolumeError
 */
export async function describeObject(host: DrsHost, id: string, signal: AbortSignal): Promise<RemoteObject> {
  return ask(host, `/objects/${encodeURIComponent(id)}?expand=true`, RemoteObject, signal);
}

/** Bytes as they come, and what ends the connection. */
export interface OpenBytes {
  bytes: AsyncIterable<Buffer>;
  close(): void;
}

/**
 * Opens the bytes of an object from `offset`, at the address that its service gives.
 *
 * @throws ApiError `drsSourceNotFound`, `drsSourceForbidden`, `importFailed`; VolumeError
 */
export async function openBytes(
  host: DrsHost,
  id: string,
  object: RemoteObject,
  { offset, signal }: { offset: number; signal: AbortSignal },
): Promise<OpenBytes> {
  const { url: text, headers = [] } = await addressOf(host, id, object, signal);
  const url = URL.parse(text);
  // Nothing is read in the open that was asked for behind TLS.
  const isAllowed = url && (url.protocol === "https:" || url.protocol === host.api.protocol) && url.username === "";
  if (!isAllowed) throw new ApiError("importFailed", "The service gave an address of the bytes that cannot be used.");
  const http = new ServiceHttp({ hosts: [url], endpoints: host.endpoints, ca: host.ca });
  try {
    const range: Record<string, string> = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const {
      status,
      headers: answered,
      body,
    } = await http.send({
      method: "GET",
      url,
      headers: { ...headersOf(headers), ...range },
      bytes: true,
      signal,
    });
    if (status >= 300) throw refused(status);
    if (offset > 0 && (status !== 206 || !answered["content-range"]?.startsWith(`bytes ${offset}-`))) {
      body.destroy();
      throw new ApiError("importFailed", "The service does not go on with bytes that were cut.");
    }
    return {
      bytes: body,
      close: () => {
        body.destroy();
        http.close();
      },
    };
  } catch (error) {
    http.close();
    throw error;
  }
}

async function addressOf(
  host: DrsHost,
  id: string,
  { access_methods: methods = [] }: RemoteObject,
  signal: AbortSignal,
): Promise<Static<typeof AccessUrl>> {
  // Any method may be had by an address of https: what is not, shows below.
  const method =
    methods.find(({ type }) => type === "https") ?? methods.find(({ access_id: accessId }) => accessId !== undefined);
  if (method?.access_url) return method.access_url;
  if (method?.access_id === undefined)
    throw new ApiError("importFailed", "The service gives the bytes by none of the ways that this platform knows.");
  return ask(host, `/objects/${encodeURIComponent(id)}/access/${encodeURIComponent(method.access_id)}`, AccessUrl, signal);
}

/** `Name: value` each, as the standard has them. */
function headersOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      if (colon < 1) throw new ApiError("importFailed", "The service gave a header that is none.");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

async function ask<Shape extends typeof RemoteObject | typeof AccessUrl>(
  host: DrsHost,
  path: string,
  shape: Shape,
  signal: AbortSignal,
): Promise<Static<Shape>> {
  const http = new ServiceHttp({ hosts: [host.api], endpoints: host.endpoints, ca: host.ca });
  try {
    const { status, body } = await http.send({
      method: "GET",
      url: new URL(host.api.href + path),
      headers: { accept: "application/json", ...(host.token === undefined ? {} : { authorization: `Bearer ${host.token}` }) },
      signal,
    });
    if (status !== 200) throw refused(status);
    const answer: unknown = await json(body).catch(() => undefined);
    if (!Value.Check(shape, answer)) throw new ApiError("importFailed", "The service gave an answer that is not one of DRS.");
    return answer as Static<Shape>;
  } finally {
    http.close();
  }
}

function refused(status: number): ApiError | VolumeError {
  if (status === 404) return new ApiError("drsSourceNotFound");
  if (status === 403) return new ApiError("drsSourceForbidden");
  if (status === 401) return new ApiError("importFailed", "The service does not accept the credentials that the operator gave.");
  if (status === 429) return new VolumeError("Throttled", { status });
  if (status >= 500 || status === ACCEPTED) return new VolumeError("ServiceFault", { status });
  return new ApiError("importFailed", `The service answered ${status}.`);
}
