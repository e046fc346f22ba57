import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateBucketCommand, PutBucketPolicyCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { findProgram } from "../server-process.ts";
import { answers, startTestServer, type TestServer } from "./test-server.ts";

export const S3_KEYS = { accessKeyId: "causewaytests", secretAccessKey: "a-secret-of-the-tests/+=" };

/** Checks signatures, digests and conditions, keeps parts and versions; knows no storage classes, encryption or access lists. */
export function startVersitygw(): Promise<TestServer> {
  return startTestServer("versitygw", ({ port, directory }) => ({
    args: [
      ...[
        "--port",
        `127.0.0.1:${port}`,
        "--region",
        "us-east-1",
        "--iam-dir",
        join(directory, "iam"),
        "--quiet",
        "--health",
        "/health",
      ],
      ...["posix", "--versioning-dir", join(directory, "versions"), join(directory, "data")],
    ],
    folders: ["iam", "versions", "data"],
    env: { ROOT_ACCESS_KEY: S3_KEYS.accessKeyId, ROOT_SECRET_KEY: S3_KEYS.secretAccessKey },
    isReady: (endpoint) => answers(`${endpoint}/health`),
  }));
}

/** Keeps storage classes, encryption and access lists; accepts every signature and digest. */
export function startMoto(): Promise<TestServer> {
  return startTestServer("moto_server", ({ port }) => ({
    args: ["-H", "127.0.0.1", "-p", String(port)],
    isReady: (endpoint) => answers(`${endpoint}/moto-api/`),
  }));
}

export function adminClient({ endpoint }: { endpoint: string }): S3Client {
  return new S3Client({ endpoint, region: "us-east-1", credentials: S3_KEYS, forcePathStyle: true });
}

export async function makeBucket(server: { endpoint: string }, name: string, { versions = false } = {}): Promise<void> {
  const client = adminClient(server);
  await client.send(new CreateBucketCommand({ Bucket: name }));
  if (versions)
    await client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: "Enabled" } }));
  client.destroy();
}

/** A second user of versitygw, who may do nothing. */
export async function makeUser(
  { endpoint }: { endpoint: string },
  keys: { accessKeyId: string; secretAccessKey: string },
): Promise<void> {
  const as = ["admin", "--access", S3_KEYS.accessKeyId, "--secret", S3_KEYS.secretAccessKey, "--endpoint-url", endpoint];
  const user = ["--access", keys.accessKeyId, "--secret", keys.secretAccessKey, "--role", "user"];
  await promisify(execFile)(findProgram("versitygw")!, [...as, "create-user", ...user]);
}

/** What this user may do in the bucket and with its objects, and nothing else. */
export async function setPolicy(
  server: { endpoint: string },
  bucket: string,
  user: string,
  actions: readonly string[],
): Promise<void> {
  const statement = (Action: readonly string[], Resource: string) => ({
    Effect: "Allow",
    Principal: { AWS: [user] },
    Action,
    Resource,
  });
  const ofBucket = actions.filter((action) => action === "s3:ListBucket");
  const ofObjects = actions.filter((action) => action !== "s3:ListBucket");
  const Statement = [
    ...(ofBucket.length > 0 ? [statement(ofBucket, `arn:aws:s3:::${bucket}`)] : []),
    ...(ofObjects.length > 0 ? [statement(ofObjects, `arn:aws:s3:::${bucket}/*`)] : []),
  ];
  const client = adminClient(server);
  await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify({ Version: "2012-10-17", Statement }) }));
  client.destroy();
}
