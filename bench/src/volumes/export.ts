// One export to a bucket, from its POST to COMPLETED, against the same bytes sent by the vendor's SDK in parts, four at a
// time. Wants versitygw: sh .ci/volume-servers.sh FOLDER, then CAUSEWAY_VOLUME_SERVERS=FOLDER.
//     node bench/src/volumes/export.ts [MiB] [rounds]
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { makeBucket, S3_KEYS, startVersitygw } from "../../../storage/src/testing/index.ts";
import { adminClient } from "../../../storage/src/testing/volumes/s3-servers.ts";
import { type Platform, startPlatform } from "../platform.ts";
import { type Round, report } from "../upload-parts.ts";
import { untilEnded } from "./jobs.ts";

const [totalMiB = 1024, rounds = 3] = process.argv.slice(2).map(Number);
const size = totalMiB * 2 ** 20;
const PART = 16 * 2 ** 20;
const AT_ONCE = 4;

const bucket = await startVersitygw();
const platform = await startPlatform({ settings: { CAUSEWAY_VOLUME_ENDPOINTS: "127.0.0.1" } });
const client = adminClient(bucket);
const source = join(platform.directory, "source");
try {
  await makeBucket(bucket, "lab");
  const credentials = { access_key_id: S3_KEYS.accessKeyId, secret_access_key: S3_KEYS.secretAccessKey };
  const service = { type: "S3", bucket: "lab", endpoint: bucket.endpoint, credentials };
  const volume = await platform.call("POST", "/storage/volumes", { name: "s3", service });
  const project = await platform.call("POST", "/projects", { name: "Exports" });
  const file = await uploaded(platform, project.id);
  const measured: Round[] = [];
  // The first round warms up and is not counted; sides take turns in going first.
  for (let round = 0; round <= rounds; round++) {
    const sides = [
      () => timed(() => sentBySdk(client, `sdk${round}`)),
      () => timed(() => exported(file, volume.id, `ours${round}`)),
    ];
    if (round % 2 === 1) sides.reverse();
    const seconds = [await sides[0]!(), await sides[1]!()];
    if (round % 2 === 1) seconds.reverse();
    for (const side of ["sdk", "ours"]) await client.send(new DeleteObjectCommand({ Bucket: "lab", Key: `${side}${round}` }));
    if (round > 0) measured.push({ floor: seconds[0]!, ours: seconds[1]! });
  }
  report("export to a bucket", totalMiB, measured, 0.8);
} finally {
  client.destroy();
  await platform.close();
  await bucket.stop();
}

/** The file on the platform, and its bytes once more at `source`. */
async function uploaded({ call }: Platform, project: string): Promise<string> {
  const { upload_id, part_size } = await call("POST", "/upload/multipart", { name: "large", project, size, part_size: 2 * PART });
  const handle = await open(source, "w");
  for (let number = 1; (number - 1) * part_size < size; number++) {
    const bytes = randomBytes(Math.min(part_size, size - (number - 1) * part_size));
    await handle.write(bytes);
    const { url } = await call("GET", `/upload/multipart/${upload_id}/part/${number}`);
    const { headers } = await fetch(url, { method: "PUT", body: bytes });
    const response = { headers: { ETag: headers.get("etag") } };
    await call("POST", `/upload/multipart/${upload_id}/part`, { part_number: number, response });
  }
  await handle.close();
  return (await call("POST", `/upload/multipart/${upload_id}/complete`)).id;
}

async function exported(file: string, volume: string, location: string): Promise<void> {
  const job = { source: { file }, destination: { volume, location } };
  const { id } = await platform.call("POST", "/storage/exports?copy_only=true", job);
  await untilEnded(platform.call, `/storage/exports/${id}`);
}

async function sentBySdk(client: S3Client, Key: string): Promise<void> {
  const object = { Bucket: "lab", Key };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(object));
  const parts = Math.ceil(size / PART);
  const done: { PartNumber: number; ETag: string }[] = [];
  const numbers = Array.from({ length: parts }, (_, index) => index + 1).values();
  const sendOn = async () => {
    for (const PartNumber of numbers) {
      const start = (PartNumber - 1) * PART;
      const end = Math.min(start + PART, size) - 1;
      const Body = createReadStream(source, { start, end });
      const { ETag } = await client.send(
        new UploadPartCommand({ ...object, UploadId, PartNumber, Body, ContentLength: end - start + 1 }),
      );
      done.push({ PartNumber, ETag: ETag! });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendOn));
  done.sort((a, b) => a.PartNumber - b.PartNumber);
  await client.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts: done } }));
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
