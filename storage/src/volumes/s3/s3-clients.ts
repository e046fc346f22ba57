import { S3Client } from "@aws-sdk/client-s3";
import { ServiceHttp } from "../net/service-http.ts";
import type { VolumeConnection } from "../volume-connection.ts";
import type { VolumeAction } from "../volume-errors.ts";
import type { CallOptions } from "../volume-store.ts";
import { sdkHandler } from "./s3-handler.ts";
import { addressOf, type S3KeyPair, type S3VolumeSettings } from "./s3-settings.ts";

/** `answers` for everything whose answer is read whole, `bytes` for object bytes, `signer` for URLs that others open. */
export interface S3Clients {
  answers: S3Client;
  bytes: S3Client;
  signer: S3Client;
  close(): void;
}

/** What one request to the bucket is made with. */
export type S3Ask = <Answer>(
  action: VolumeAction,
  ask: (clients: S3Clients) => Promise<Answer>,
  options?: CallOptions,
) => Promise<Answer>;

type Credentials = S3KeyPair | (() => Promise<S3KeyPair & { expiration?: Date }>);

/** Clients that leave retries, redirects, checksums and logs to us. Throws `BadSettings`. */
export function createClients(
  settings: S3VolumeSettings,
  { connection, region, credentials }: { connection: VolumeConnection; region: string; credentials: Credentials },
): S3Clients {
  const address = addressOf(settings);
  const http = new ServiceHttp({ ...connection, hosts: address.hosts });
  const client = (bytes: boolean, endpoint: URL | undefined) =>
    new S3Client({
      region,
      ...(endpoint ? { endpoint: endpoint.origin } : {}),
      forcePathStyle: address.pathStyle,
      credentials: credentials as S3KeyPair,
      requestHandler: sdkHandler(http, { bytes }) as never,
      maxAttempts: 1,
      // The SDK's own CRC headers are unknown to many servers that are not AWS, and would have to be sent with a signed URL.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      expectContinueHeader: false,
      followRegionRedirects: false,
      disableS3ExpressSessionAuth: true,
      logger: SILENT,
    });
  const clients = {
    answers: client(false, address.endpoint),
    bytes: client(true, address.endpoint),
    signer: client(false, address.publicEndpoint),
  };
  return { ...clients, close: () => http.close() };
}

const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
