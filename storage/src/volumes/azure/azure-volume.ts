import { BlobServiceClient, type BlockBlobClient, type ContainerClient, newPipeline } from "@azure/storage-blob";
import { KeySpace } from "../locations.ts";
import { AccessTokens, tokenOf } from "../net/access-tokens.ts";
import { ServiceHttp } from "../net/service-http.ts";
import { inBuffers } from "../object-body.ts";
import { emptyBytes, exactLength } from "../object-bytes.ts";
import type { VolumeConnection } from "../volume-connection.ts";
import { isFault, type VolumeAction, VolumeError } from "../volume-errors.ts";
import type {
  CallOptions,
  ListFrom,
  ObjectBody,
  ObjectPage,
  OpenedObject,
  OpenOptions,
  UploadedPart,
  VolumeObject,
  VolumeStore,
  VolumeUpload,
  WriteOptions,
  WrittenObject,
} from "../volume-store.ts";
import { asAzureFault, azureFault } from "./azure-faults.ts";
import { sdkHttpClient } from "./azure-handler.ts";
import { listed } from "./azure-objects.ts";
import { type AzureAddress, type AzureVolumeSettings, azureAddressOf } from "./azure-settings.ts";
import { API_VERSION, AzureSigning } from "./azure-signing.ts";
import { AzureUploads, conditionsOf, namesOf, propertiesOf } from "./azure-uploads.ts";

/** Bytes of an object that is sent in one request. */
const IN_MEMORY = 8 * 1024 * 1024;
const SCOPE = "https://storage.azure.com/.default";

/** A container of Azure Blob Storage, with the rights of an application. */
export class AzureVolume implements VolumeStore {
  readonly service = "azure";
  readonly signRead?: NonNullable<VolumeStore["signRead"]>;
  readonly #settings: AzureVolumeSettings;
  readonly #address: AzureAddress;
  readonly #keys: KeySpace;
  readonly #http: ServiceHttp;
  readonly #tokenHttp: ServiceHttp;
  readonly #tokens: AccessTokens;
  readonly #account: BlobServiceClient;
  readonly #container: ContainerClient;
  readonly #uploads: AzureUploads;

  constructor(settings: AzureVolumeSettings, connection: VolumeConnection) {
    this.#settings = settings;
    this.#address = azureAddressOf(settings);
    this.#keys = new KeySpace(settings.prefix);
    this.#http = new ServiceHttp({ ...connection, hosts: [new URL(this.#address.endpoint)] });
    this.#tokenHttp = new ServiceHttp({ ...connection, hosts: [this.#address.tokenUrl] });
    this.#tokens = new AccessTokens(() => this.#askToken());
    const credential = {
      getToken: async () => ({ token: await this.#tokens.token(), expiresOnTimestamp: Date.now() + 60_000 }),
    };
    const pipeline = newPipeline(credential, { httpClient: sdkHttpClient(this.#http), retryOptions: { maxTries: 1 } });
    this.#account = new BlobServiceClient(this.#address.endpoint, pipeline);
    this.#container = this.#account.getContainerClient(settings.container);
    this.#uploads = new AzureUploads({
      blob: (location) => this.#blob(location),
      write: (options, write) => this.#write(options, write),
    });
    if (this.#address.publicEndpoint !== undefined) {
      const signing = new AzureSigning({
        account: this.#account,
        storageAccount: settings.storageAccount,
        ask: (options, ask) => this.#ask("read", options, ask),
      });
      const { endpoint, publicEndpoint } = this.#address;
      this.signRead = async (location, seconds, as = {}, options = {}) => {
        const blob = this.#blob(location);
        const query = await signing.query(blob, seconds, as, options);
        return new URL(`${publicEndpoint}${new URL(blob.url).href.slice(endpoint.length)}?${query}`);
      };
    }
  }

  async list({ prefix = "", delimiter, limit = 1000, token }: ListFrom, options: CallOptions = {}): Promise<ObjectPage> {
    const from = { prefix: this.#keys.keysFrom(prefix), ...aborted(options) };
    const paging = { maxPageSize: limit, ...(token === undefined ? {} : { continuationToken: token }) };
    try {
      return await this.#ask("list", options, async () => {
        const pages =
          delimiter === undefined ? this.#container.listBlobsFlat(from) : this.#container.listBlobsByHierarchy(delimiter, from);
        const { value: answer } = await pages.byPage(paging).next();
        const { blobItems, blobPrefixes = [] } = answer.segment;
        if (blobItems.length + blobPrefixes.length > limit) throw bad("a page has more entries than asked for");
        const next: string | undefined = answer.continuationToken || undefined;
        if (next !== undefined && next === token) throw bad("a list does not go on");
        const page: ObjectPage = { objects: [], prefixes: [], skipped: 0 };
        for (const { name, properties } of blobItems) {
          const location = this.#keys.locationOf(name);
          if (location === undefined) page.skipped += 1;
          else page.objects.push(listed(location, properties));
        }
        for (const { name } of blobPrefixes) {
          const location = this.#keys.locationOf(name);
          if (location === undefined) page.skipped += 1;
          else page.prefixes.push(location);
        }
        return next === undefined ? page : { ...page, next };
      });
    } catch (error) {
      if (isFault(error, "NoSuchObject")) throw error.of("list", "NoSuchBucket");
      if (token !== undefined && isFault(error, "Refused") && error.status === 400) throw error.of("list", "BadToken");
      throw error;
    }
  }

  async stat(location: string, options: CallOptions = {}): Promise<VolumeObject> {
    const blob = this.#blob(location);
    try {
      return await this.#ask("read", options, async () => {
        const answer = await blob.getProperties(aborted(options));
        const object = listed(location, answer);
        const userMetadata = Object.fromEntries(
          Object.entries(answer.metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
        );
        return {
          ...object,
          ...(answer.contentType === undefined ? {} : { contentType: answer.contentType }),
          ...(answer.versionId === undefined ? {} : { version: answer.versionId }),
          userMetadata,
          metadata: { ...object.metadata, user_metadata: userMetadata },
        };
      });
    } catch (error) {
      throw await this.#ofObject(error, options);
    }
  }

  async open(location: string, { range, ifMatch, signal }: OpenOptions = {}): Promise<OpenedObject> {
    if (range?.length === 0) {
      const { size, etag } = await this.stat(location, { signal });
      if (ifMatch !== undefined && etag !== ifMatch) throw new VolumeError("ObjectChanged", { action: "read" });
      return { facts: { size, etag }, bytes: emptyBytes() };
    }
    const url = new URL(this.#blob(location).url);
    try {
      // Not by the client library: its stream asks again by itself, and says in its own words why it could not.
      const answer = await this.#ask("read", { signal }, async () =>
        this.#http.send({
          method: "GET",
          url,
          headers: {
            authorization: `Bearer ${await this.#tokens.token()}`,
            "x-ms-version": API_VERSION,
            ...(range ? { "x-ms-range": `bytes=${range.offset}-${range.offset + range.length - 1}` } : {}),
            ...(ifMatch === undefined ? {} : { "if-match": `"${ifMatch}"` }),
          },
          bytes: true,
          signal,
        }),
      );
      const { headers, status } = answer;
      if (status >= 300) throw azureFault("read", status, headers["x-ms-error-code"]);
      const length = headers["content-length"];
      return exactLength(answer.body, {
        range,
        contentLength: length === undefined ? undefined : Number(length),
        contentRange: headers["content-range"],
        etag: (headers.etag ?? "").replaceAll('"', ""),
        ifMatch,
      });
    } catch (error) {
      // A range that begins after the end.
      if (range && error instanceof VolumeError && error.status === 416) {
        return this.open(location, { range: { offset: 0, length: 0 }, ...(ifMatch === undefined ? {} : { ifMatch }), signal });
      }
      throw await this.#ofObject(error, { signal });
    }
  }

  async put(
    location: string,
    body: ObjectBody,
    { ifAbsent = false, signal, ...options }: WriteOptions & { ifAbsent?: boolean } & CallOptions = {},
  ): Promise<WrittenObject> {
    const blob = this.#blob(location);
    if (body.size > IN_MEMORY) return this.#uploads.whole(location, body, { ...options, ifAbsent, signal });
    for await (const { bytes, md5 } of inBuffers(body, IN_MEMORY)) {
      const answer = await this.#write({ signal }, () =>
        blob.upload(bytes, bytes.length, {
          ...propertiesOf(options),
          ...conditionsOf(ifAbsent),
          ...aborted({ signal }),
          transactionalContentMD5: md5,
        }),
      );
      return { size: body.size, ...namesOf(answer), verified: true };
    }
    throw new VolumeError("BodyCut");
  }

  async remove(location: string, { version, signal }: { version?: string | undefined } & CallOptions = {}): Promise<void> {
    const blob = version === undefined ? this.#blob(location) : this.#blob(location).withVersion(version);
    try {
      await this.#ask("remove", { signal }, () =>
        blob.delete({ deleteSnapshots: version === undefined ? "include" : undefined, ...aborted({ signal }) } as object),
      );
    } catch (error) {
      if (!isFault(error, "NoSuchObject")) throw error;
    }
  }

  async openUpload(
    location: string,
    size: number,
    options: WriteOptions & { ifAbsent?: boolean } & CallOptions = {},
  ): Promise<VolumeUpload> {
    return this.#uploads.open(location, size, options);
  }

  writePart(upload: VolumeUpload, number: number, body: ObjectBody, options: CallOptions = {}): Promise<UploadedPart> {
    return this.#uploads.write(upload, number, body, options);
  }

  listParts(upload: VolumeUpload, options: CallOptions = {}): Promise<UploadedPart[]> {
    return this.#uploads.parts(upload, options);
  }

  completeUpload(upload: VolumeUpload, parts: readonly UploadedPart[], options: CallOptions = {}): Promise<WrittenObject> {
    return this.#uploads.complete(upload, parts, options);
  }

  /** Azure forgets parts that nobody has made an object of after a week; there is no way to remove them before. */
  async removeUpload(): Promise<void> {}

  close(): void {
    this.#http.close();
    this.#tokenHttp.close();
  }

  async #askToken() {
    const { clientId, clientSecret } = this.#settings.credentials;
    const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret, scope: SCOPE };
    const answer = await this.#tokenHttp.send({
      method: "POST",
      url: this.#address.tokenUrl,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
    });
    return tokenOf(answer, Math.floor(Date.now() / 1000));
  }

  #blob(location: string): BlockBlobClient {
    const key = this.#keys.keyOf(location);
    if (key.includes("\\")) throw new VolumeError("BadLocation", { detail: "Azure takes a backslash for a slash" });
    return this.#container.getBlockBlobClient(key);
  }

  /** Of a write, a 404 is the container. */
  async #write<Answer>(options: CallOptions, write: () => Promise<Answer>): Promise<Answer> {
    try {
      return await this.#ask("write", options, write);
    } catch (error) {
      throw isFault(error, "NoSuchObject") ? error.of("write", "NoSuchBucket") : error;
    }
  }

  async #ask<Answer>(action: VolumeAction, { signal }: CallOptions, ask: () => Promise<Answer>): Promise<Answer> {
    try {
      signal?.throwIfAborted();
      return await ask();
    } catch (error) {
      signal?.throwIfAborted();
      const fault = asAzureFault(error, action);
      if (fault.status === 401) this.#tokens.forget();
      throw fault;
    }
  }

  /** An answer to HEAD may not say whether it is the object or the container that is missing; a list does. */
  async #ofObject(error: unknown, options: CallOptions): Promise<unknown> {
    if (!isFault(error, "NoSuchObject")) return error;
    try {
      await this.list({ limit: 1 }, options);
      return error;
    } catch (reason) {
      return isFault(reason, "NoSuchBucket") ? error.of("read", "NoSuchBucket") : error;
    }
  }
}

function aborted({ signal }: CallOptions): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}

function bad(detail: string): VolumeError {
  return new VolumeError("BadAnswer", { action: "list", detail });
}
