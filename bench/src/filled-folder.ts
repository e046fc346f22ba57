import type { Platform } from "./platform.ts";

const CONTENT = "ACGT\n";

/** Uploads a file of five bytes, in one part. Answers its id. */
export async function uploadFile({ call, headers }: Platform, project: string, name: string): Promise<string> {
  const upload = await call("POST", "/upload/multipart", { name, project, size: CONTENT.length, part_size: 5 * 1024 * 1024 });
  const { url } = await call("GET", `/upload/multipart/${upload.upload_id}/part/1`);
  const sent = await fetch(url, { method: "PUT", headers, body: CONTENT });
  if (!sent.ok) throw new Error(`${url} answered ${sent.status}`);
  const part = { part_number: 1, response: { headers: { ETag: sent.headers.get("etag") } } };
  await call("POST", `/upload/multipart/${upload.upload_id}/part`, part);
  return (await call("POST", `/upload/multipart/${upload.upload_id}/complete`)).id;
}

/**
 * Puts `count` files beside `file`, which was uploaded, and shares its bytes: rows made by SQL, each a little older than
 * the one before, with metadata and a tag.
 */
export async function fillFolder({ sql }: Platform, file: string, count: number): Promise<void> {
  await sql.query(
    `insert into files (project_id, parent, name, type, blob_key, size, metadata, tags, created_at)
     select project_id, parent, 'sample_' || lpad(number::text, 7, '0') || '.bam', 'file', blob_key, size,
       jsonb_build_object('sample_id', 'S' || number, 'paired_end', (number % 2 + 1)::text), '{pilot}',
       now() - number * interval '1 millisecond'
     from files, generate_series(1, $2::integer) as number where id = $1`,
    [file, count],
  );
}
