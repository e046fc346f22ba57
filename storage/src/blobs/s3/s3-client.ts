import { S3Client } from "@aws-sdk/client-s3";

export interface S3Settings {
  bucket: string;
  /** Put before every key, so that a bucket can be shared: `causeway/`. */
  prefix?: string;
  region: string;
  /** `https://host[:port]`; without it, AWS. */
  endpoint?: string;
  /** What signed URLs begin with, where clients reach the server under another address than we do. */
  publicEndpoint?: string;
  /** `host/bucket/key` instead of `bucket.host/key`: most servers that are not AWS want it. */
  pathStyle?: boolean;
  /** Without them, the SDK looks where AWS tools look: the environment, `~/.aws`, the instance's role. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

/** A client that reaches the server at `endpoint`; without one, AWS. */
export function createS3Client({ region, pathStyle, credentials }: S3Settings, endpoint: string | undefined): S3Client {
  return new S3Client({
    region,
    endpoint,
    forcePathStyle: pathStyle,
    credentials,
    // The SDK's own CRC headers are unknown to many servers that are not AWS, and would have to be sent with a signed URL.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // Otherwise the SDK prints to the console, for every body that a client cuts.
    logger: SILENT,
  });
}

const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
