import { VolumeError } from "../volume-errors.ts";

/** A bucket of S3 or of what speaks it (volumes.md §1.3, §6.1). */
export interface S3VolumeSettings {
  service: "s3" | "oss";
  bucket: string;
  prefix?: string | undefined;
  /** `host[:port]` (then https) or a URL; by default AWS. */
  endpoint?: string | undefined;
  /** What signed URLs begin with, where clients reach the service under another address; null where they cannot reach it. */
  publicEndpoint?: string | null | undefined;
  /** Without one, `us-east-1`; on AWS, then, the bucket's own, as soon as the service has named it. */
  region?: string | undefined;
  /** `host/bucket/key` instead of `bucket.host/key`: by default everywhere but on AWS, and with OSS never. */
  pathStyle?: boolean | undefined;
  /** 1 for old stores that lack ListObjectsV2. */
  listVersion?: 1 | 2 | undefined;
  credentials: S3KeyPair | S3Role;
}

export interface S3KeyPair {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

/** A role that the platform assumes with an identity of its own, at `stsEndpoint` (by default AWS's of the region). */
export interface S3Role {
  roleArn: string;
  externalId: string;
  as: S3KeyPair;
  stsEndpoint?: string | undefined;
}

export interface S3Address {
  /** Undefined: AWS's own for the region. */
  endpoint: URL | undefined;
  publicEndpoint: URL | undefined;
  /** Whose names all requests go to, beside those below them. */
  hosts: URL[];
  pathStyle: boolean;
}

const AWS = ["https://amazonaws.com", "https://amazonaws.com.cn"];

/** Throws `BadSettings`. */
export function addressOf(settings: S3VolumeSettings): S3Address {
  // Anything else, an ARN say, would have the client library choose another host.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(settings.bucket)) throw bad("the bucket's name");
  if (settings.region !== undefined && !/^[A-Za-z0-9-]{1,64}$/.test(settings.region)) throw bad("the region");
  const endpoint = settings.endpoint === undefined || isAws(settings.endpoint) ? undefined : endpointUrl(settings.endpoint);
  const publicEndpoint = typeof settings.publicEndpoint === "string" ? endpointUrl(settings.publicEndpoint) : endpoint;
  return {
    endpoint,
    publicEndpoint,
    hosts: endpoint ? [endpoint] : AWS.map((url) => new URL(url)),
    pathStyle: settings.pathStyle ?? (endpoint !== undefined && settings.service !== "oss"),
  };
}

/** The default of the API: AWS without a region. */
function isAws(endpoint: string): boolean {
  return /^(https:\/\/)?s3\.amazonaws\.com(:443)?\/?$/i.test(endpoint);
}

/** A service's endpoint as users write it. Throws `BadSettings` for what is not an http or https origin. */
export function endpointUrl(endpoint: string): URL {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`);
  const isOrigin =
    url !== null &&
    ["http:", "https:"].includes(url.protocol) &&
    url.hostname !== "" &&
    url.username + url.password + url.search + url.hash === "" &&
    url.pathname === "/";
  if (!isOrigin) throw bad("the endpoint");
  return url;
}

function bad(what: string): VolumeError {
  return new VolumeError("BadSettings", { detail: what });
}
