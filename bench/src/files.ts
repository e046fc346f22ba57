// Pages, searches, bulk calls and copies in a project with 1,000 files and in one with 1,000,000; a folder of 10,000
// copied in the background. All but one of the files are rows made by SQL; all have their bytes in the store.
//     node bench/src/files.ts [files] [seconds]

import { fillFolder, uploadFile } from "./filled-folder.ts";
import { load, type Request } from "./http-load.ts";
import { median, type Platform, startPlatform, until, verdict } from "./platform.ts";

const [many = 1_000_000, seconds = 1] = process.argv.slice(2).map(Number);
const FEW = 1000;
const ROUNDS = 3;
/** Without a goal: an offset is counted off the index, and the total of a filter is exact, so these grow with the folder. */
const LINEAR = new Set(["page in the middle", "last page", "by a tag that all have", "by metadata that half have"]);

interface Project {
  id: string;
  root_folder: string;
  files: number;
  /** The ids of a page of 100. */
  page: string[];
}

/** Median times in milliseconds. */
interface Times {
  few: number;
  lots: number;
  ratio: number;
}

const platform = await startPlatform();
try {
  const few = await projectWith(platform, "Few", FEW);
  const lots = await projectWith(platform, "Lots", many);
  await platform.sql.query("vacuum analyze");
  const target = await platform.call("POST", "/projects", { name: "Target" });

  const header = ["", `${FEW.toLocaleString("en")} files, ms`, `${many.toLocaleString("en")} files, ms`, "ratio"];
  for (const cells of [header, header.map(() => "---")]) console.log(`| ${cells.join(" | ")} |`);
  const pages = await compareAll(platform, few, lots, pagesOf);
  const searches = await compareAll(platform, few, lots, searchesOf);
  const bulk = await compareAll(platform, few, lots, (project) => bulkOf(project, target));
  console.log("");
  verdict("page of 100 at the median", pages["page of 100"]!.lots, " ms", { atMost: 5 });
  verdict("page of 100 against the same of 1,000", pages["page of 100"]!.ratio, " times", { atMost: 2 });
  for (const [what, { lots }] of Object.entries({ ...pages, ...searches })) {
    if (!LINEAR.has(what)) verdict(what, lots, " ms", { atMost: 50 });
  }
  verdict("copying 100 files with one call", bulk["copying 100"]!.lots, " ms", { atMost: 100 });
  const copying = bulk["copying 100"]!.lots;
  for (const what of ["bulk update of 100", "bulk edit of 100"]) {
    verdict(what, bulk[what]!.lots, " ms", { atMost: 150 });
    verdict(`${what} against copying 100`, bulk[what]!.lots / copying, " times", { atMost: 3 });
  }
  for (const [what, { ratio }] of Object.entries(bulk))
    verdict(`${what} against the same of 1,000`, ratio, " times", { atMost: 2 });
  await copyOneByOne(platform, few, target);
  await copyFolder(platform, lots, target);
} finally {
  await platform.close();
}

async function projectWith(platform: Platform, name: string, files: number): Promise<Project> {
  const { call } = platform;
  const project = await call("POST", "/projects", { name });
  const file = await uploadFile(platform, project.id, "first.bam");
  const started = performance.now();
  await fillFolder(platform, file, files);
  console.log(`${files.toLocaleString("en")} files made in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  const { items } = await call("GET", `/files?project=${project.id}&limit=100`);
  return { ...project, files, page: items.map(({ id }: { id: string }) => id) };
}

type Named = { [what: string]: Request };

function pagesOf({ id, root_folder, files }: Project): Named {
  const list = `${platform.url}/files?project=${id}&limit=100`;
  const last = JSON.stringify([root_folder, "file", nameOf(files).replace(/\d{3}\.bam/, "")]);
  return {
    "page of 100": { url: list },
    "page of 100, all fields": { url: `${list}&fields=_all` },
    "second page": { url: `${list}&offset=100` },
    "page in the middle": { url: `${list}&offset=${files / 2}` },
    "last page": { url: `${list}&offset=${files - 100}` },
    "last page by token": { url: `${list.replace("/files", "/files/scroll")}&token=${Buffer.from(last).toString("base64url")}` },
    "by name": { url: `${list}&name=${nameOf(files / 2)}` },
    "by metadata": { url: `${list}&metadata.sample_id=S${files / 2}` },
    "by a tag that all have": { url: `${list}&tag=pilot` },
    "by metadata that half have": { url: `${list}&metadata.paired_end=1` },
  };
}

function searchesOf({ id, files }: Project): Named {
  const queries = {
    "search: the newest": "RECURSIVE",
    "search: one name": `WHERE name = "${nameOf(files)}" RECURSIVE`,
    "search: one metadata value": `WHERE sample_id = "S${files}" RECURSIVE`,
    "search: the newest of a tag": 'WHERE tags = "pilot" AND type = "FILE"',
  };
  const url = `${platform.url}/files/search?limit=100`;
  return Object.fromEntries(
    Object.entries(queries).map(([what, query]) => [what, { method: "POST", url, body: { query: `IN "${id}" ${query}` } }]),
  );
}

function bulkOf({ page }: Project, target: { id: string }): Named {
  const post = (path: string, body: object): Request => ({ method: "POST", url: platform.url + path, body });
  const items = page.map((id, index) => ({ id, tags: ["pilot"], metadata: { sample_id: `S${index}` } }));
  return {
    "bulk get of 100": post("/bulk/files/get", { file_ids: page }),
    "bulk update of 100": post("/bulk/files/update", { items }),
    "bulk edit of 100": post("/bulk/files/edit", { items }),
    "copying 100": post("/action/files/copy", { project: target.id, file_ids: page }),
  };
}

function nameOf(number: number): string {
  return `sample_${String(number).padStart(7, "0")}.bam`;
}

/** Sends each request to both projects in turns; prints a row of the table each. */
async function compareAll(
  { headers }: Platform,
  few: Project,
  lots: Project,
  requestsOf: (project: Project) => Named,
): Promise<{ [what: string]: Times }> {
  const ofLots = requestsOf(lots);
  const times: { [what: string]: Times } = {};
  for (const [what, request] of Object.entries(requestsOf(few))) {
    const rounds: Times[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const [small, large] = [
        await load({ ...request, headers }, 1, seconds / 3),
        await load({ ...ofLots[what]!, headers }, 1, seconds / 3),
      ];
      if (round > 0) rounds.push({ few: small.median, lots: large.median, ratio: large.median / small.median });
    }
    const of = (figure: keyof Times) => median(rounds.map((round) => round[figure]));
    times[what] = { few: of("few"), lots: of("lots"), ratio: of("ratio") };
    console.log(`| ${[what, ...Object.values(times[what]).map((figure) => figure.toFixed(2))].join(" | ")} |`);
  }
  return times;
}

async function copyOneByOne({ call }: Platform, { page }: Project, target: { id: string }): Promise<void> {
  const started = performance.now();
  for (const id of page) await call("POST", `/files/${id}/actions/copy`, { project: target.id });
  console.log(`copying 100 files, one call each: ${(performance.now() - started).toFixed(0)} ms`);
}

async function copyFolder(platform: Platform, { id: project, page }: Project, target: { id: string }): Promise<void> {
  const { call } = platform;
  const folder = await call("POST", "/files", { name: "run", type: "folder", project });
  const first = await call("POST", `/files/${page[0]}/actions/copy`, { parent: folder.id, name: "first.bam" });
  await fillFolder(platform, first.id, 9999);
  const started = performance.now();
  const { href } = await call("POST", "/async/files/copy", { items: [{ file: folder.id, project: target.id }] });
  await until(120, "the copy of the folder", async () => (await call("GET", href)).state === "FINISHED");
  verdict("copy of a folder of 10,000 files in the background", (performance.now() - started) / 1000, " s", { atMost: 10 });
}
