// Files over HTTP: one file against bare Fastify with one query; a page of 100 files of a folder with 1,000 and with
// 1,000,000; copying 100 files. Rows are made by SQL.
//     node bench/src/files.ts [files] [seconds]
import { load } from "./http-load.ts";
import { median, type Platform, startPlatform, startProcess, stopProcess, verdict } from "./platform.ts";

const [many = 1_000_000, seconds = 3] = process.argv.slice(2).map(Number);
const ROUNDS = 3;
const CONNECTIONS = 16;

const platform = await startPlatform();
try {
  const few = await projectWith(platform, "Few", 1000);
  const lots = await projectWith(platform, "Lots", many);
  await platform.sql.query("vacuum analyze files");
  await oneFile(platform, lots);
  await pages(platform, few, lots);
  await copies(platform, few);
} finally {
  await platform.close();
}

interface Project {
  id: string;
  root_folder: string;
}

async function projectWith({ call, sql }: Platform, name: string, files: number): Promise<Project> {
  const project: Project = await call("POST", "/projects", { name });
  const started = performance.now();
  await sql.query("insert into blobs (key, size, sha256) values ($1, 5, null)", [`of-${name.toLowerCase()}`]);
  await sql.query(
    `insert into files (project_id, parent, name, type, blob_key, size, metadata, tags)
     select files.project_id, files.id, 'sample_' || lpad(number::text, 7, '0') || '.bam', 'file', $2, 5,
       jsonb_build_object('sample_id', 'S' || number, 'paired_end', (number % 2 + 1)::text), '{pilot}'
     from files, generate_series(1, $3::integer) as number where files.id = $1`,
    [project.root_folder, `of-${name.toLowerCase()}`, files],
  );
  console.log(`${files} files made in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return project;
}

async function oneFile({ url, headers, call, databaseUrl }: Platform, project: Project): Promise<void> {
  const { items } = await call("GET", `/files?project=${project.id}&limit=1`);
  const floor = await startProcess(new URL("files-floor.ts", import.meta.url).pathname, [], { DATABASE_URL: databaseUrl });
  const ratios: number[] = [];
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      const bare = await load(`http://127.0.0.1:${floor.line}/files/${items[0].id}`, {}, CONNECTIONS, seconds);
      const ours = await load(`${url}/files/${items[0].id}`, headers, CONNECTIONS, seconds);
      if (round === 0) continue; // Warming up.
      console.log(
        `  ours ${ours.perSecond.toFixed(0)} a second (p99 ${ours.p99.toFixed(1)} ms), floor ${bare.perSecond.toFixed(0)}`,
      );
      ratios.push(ours.perSecond / bare.perSecond);
    }
  } finally {
    await stopProcess(floor.child);
  }
  verdict("GET /v2/files/{id} against bare Fastify with one query", median(ratios), "", { atLeast: 0.6 });
}

async function pages({ url, headers }: Platform, few: Project, lots: Project): Promise<void> {
  const compare = async (what: string, query: string) => {
    const times: { few: number; lots: number }[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const small = await load(`${url}/files?project=${few.id}&limit=100${query}`, headers, 1, seconds / 3);
      const large = await load(`${url}/files?project=${lots.id}&limit=100${query}`, headers, 1, seconds / 3);
      if (round > 0) times.push({ few: small.median, lots: large.median });
    }
    const lotsMs = median(times.map(({ lots }) => lots));
    console.log(
      `  ${what}: ${median(times.map(({ few }) => few)).toFixed(2)} ms of 1,000, ${lotsMs.toFixed(2)} ms of ${many.toLocaleString("en")}`,
    );
    return { ms: lotsMs, ratio: median(times.map(({ few, lots }) => lots / few)) };
  };
  const plain = await compare("page of 100", "");
  const whole = await compare("page of 100 with all fields", "&fields=_all");
  verdict("page of 100 at the median", plain.ms, " ms", { atMost: 5 });
  verdict("page of 100, with all fields, at the median", whole.ms, " ms", { atMost: 5 });
  verdict("page of 100 of 1,000,000 against the same of 1,000", plain.ratio, "", { atMost: 2 });
  await compare("second page", "&offset=100");
  await compare("by name", "&name=sample_0000500.bam");
  await compare("by metadata", "&metadata.sample_id=S500");
  for (const [what, query] of [
    ["page at 500,000", "&offset=500000"],
    ["by a tag that all have", "&tag=pilot"],
  ] as const) {
    const { median } = await load(`${url}/files?project=${lots.id}&limit=100${query}`, headers, 1, seconds / 3);
    console.log(`  ${what}: ${median.toFixed(1)} ms`);
  }
}

async function copies({ call }: Platform, few: Project): Promise<void> {
  const target: Project = await call("POST", "/projects", { name: "Copies" });
  const { items } = await call("GET", `/files?project=${few.id}&limit=100`);
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const started = performance.now();
    for (const { id } of items) await call("POST", `/files/${id}/actions/copy`, { project: target.id });
    if (round > 0) times.push(performance.now() - started);
  }
  console.log(`  copying 100 files, one call each: ${median(times).toFixed(0)} ms`);
}
