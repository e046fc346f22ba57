import {
  BlobSASPermissions,
  type BlobServiceClient,
  type BlockBlobClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  type UserDelegationKey,
} from "@azure/storage-blob";
import { contentDisposition } from "../../blobs/content-disposition.ts";
import type { CallOptions } from "../volume-store.ts";

/** Of requests and signed URLs of our own: what stores of the Azure family understand, too. */
export const API_VERSION = "2021-12-02";

/** Milliseconds: a key for signed URLs is asked for once in so long a time, and is good for a week, the longest there is. */
const KEY_AGE = 6 * 3600 * 1000;
const WEEK = 7 * 24 * 3600 * 1000;
const CLOCKS_DIFFER = 5 * 60 * 1000;

interface AzureSigningDeps {
  account: BlobServiceClient;
  storageAccount: string;
  ask<Answer>(options: CallOptions, ask: () => Promise<Answer>): Promise<Answer>;
}

/** Signs URLs for reading, with a key that the account gives to the application for that: a URL can do no more than it can. */
export class AzureSigning {
  readonly #deps: AzureSigningDeps;
  #delegated: { key: UserDelegationKey; since: number } | undefined;

  constructor(deps: AzureSigningDeps) {
    this.#deps = deps;
  }

  /** What follows the question mark. */
  async query(blob: BlockBlobClient, seconds: number, as: { filename?: string }, options: CallOptions): Promise<string> {
    const key = await this.#key(options);
    const now = Date.now();
    const signed = generateBlobSASQueryParameters(
      {
        containerName: blob.containerName,
        blobName: blob.name,
        permissions: BlobSASPermissions.parse("r"),
        startsOn: new Date(now - CLOCKS_DIFFER),
        expiresOn: new Date(now + seconds * 1000),
        protocol: SASProtocol.Https,
        contentDisposition: contentDisposition(as.filename),
        contentType: "application/octet-stream",
        version: API_VERSION,
      },
      key,
      this.#deps.storageAccount,
    );
    return signed.toString();
  }

  async #key(options: CallOptions): Promise<UserDelegationKey> {
    const now = Date.now();
    if (this.#delegated === undefined || now - this.#delegated.since > KEY_AGE) {
      const [from, to] = [new Date(now - CLOCKS_DIFFER), new Date(now + WEEK - 2 * CLOCKS_DIFFER)];
      const ask = () => this.#deps.account.getUserDelegationKey(from, to, options.signal ? { abortSignal: options.signal } : {});
      this.#delegated = { key: await this.#deps.ask(options, ask), since: now };
    }
    return this.#delegated.key;
  }
}
