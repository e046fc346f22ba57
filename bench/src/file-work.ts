// What works on many files at once: a folder of 10,000 files copied in the background; searches and pages by token in a
// project with 1,000,000. Rows are made by SQL.
//     node bench/src/file-work.ts [files]
import { median, type Platform, startPlatform, verdict } from "./platform.ts";

const [many = 1_000_000] = process.argv.slice(2).map(Number);
const ROUNDS = 5;

const platform = await startPlatform();
try {
  const { call, sql } = platform;
  await sql.query("insert into blobs (key, size) values ('bench', 5)");
  const project = await call("POST", "/projects", { name: "Lots" });
  const target = await call("POST", "/projects", { name: "Target" });
  const folder = await call("POST", "/files", { name: "run", type: "folder", project: project.id });
  await fill(platform, folder.id, 10_000);
  await fill(platform, project.root_folder, many);
  await sql.query("vacuum analyze files");

  const started = performance.now();
  const { href } = await call("POST", "/async/files/copy", { items: [{ file: folder.id, project: target.id }] });
  const jobPath = new URL(href).pathname.replace(/^\/v2/, "");
  while ((await call("GET", jobPath)).state !== "FINISHED") await new Promise((wake) => setTimeout(wake, 20));
  verdict("asynchronous copy of a folder of 10,000 files", (performance.now() - started) / 1000, " s", { atMost: 10 });

  const place = `IN "${project.id}"`;
  const last = `sample_${String(many).padStart(7, "0")}.bam`;
  const searches = {
    "the newest hundred": `${place} RECURSIVE`,
    "one name": `${place} WHERE name = "${last}" RECURSIVE`,
    "one metadata value": `${place} WHERE sample_id = "S${many}" RECURSIVE`,
    "the newest hundred of a tag": `${place} WHERE tags = "pilot" AND type = "FILE"`,
  };
  for (const [what, query] of Object.entries(searches)) {
    verdict(`search: ${what}`, await timed(() => call("POST", "/files/search?limit=100", { query })), " ms", { atMost: 50 });
  }
  const token = Buffer.from(JSON.stringify([project.root_folder, "file", last.replace(/\d{3}\.bam/, "")])).toString("base64url");
  const scroll = `/files/scroll?project=${project.id}&limit=100&token=${token}`;
  verdict("the last page by token", await timed(() => call("GET", scroll)), " ms", { atMost: 20 });
} finally {
  await platform.close();
}

async function fill({ sql }: Platform, folder: string, files: number): Promise<void> {
  await sql.query(
    `insert into files (project_id, parent, name, type, blob_key, size, metadata, tags, created_at)
     select project_id, id, 'sample_' || lpad(number::text, 7, '0') || '.bam', 'file', 'bench', 5,
       jsonb_build_object('sample_id', 'S' || number), '{pilot}', now() - number * interval '1 millisecond'
     from files, generate_series(1, $2::integer) as number where id = $1`,
    [folder, files],
  );
}

/** Milliseconds, the median of a few rounds. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const started = performance.now();
    await work();
    if (round > 0) times.push(performance.now() - started);
  }
  return median(times);
}
