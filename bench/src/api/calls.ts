import { fillFolder, uploadFile } from "../filled-folder.ts";
import { type Platform, until } from "../platform.ts";

/** One of the calls that scripts make all the time; the floor answers the same. */
export interface Call {
  name: string;
  method: "GET" | "PATCH" | "POST";
  /** Below `/v2`; taken in turn. */
  paths: readonly string[];
  body?: object;
}

const PROJECTS = 100;
const FILES = 1000;
const TASKS = 50;
/** What sevenbridges-python asks for when a script says nothing. */
const PAGE = 50;

const STAGED = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  label: "Count lines",
  doc: "Counts the lines of a file. ".repeat(40),
  baseCommand: ["wc", "-l"],
  inputs: [
    { id: "reads", type: "File", inputBinding: { position: 1 }, label: "Reads", doc: "The file whose lines are counted." },
    { id: "sample", type: "string?", label: "Sample", doc: "A word for the report." },
  ],
  outputs: [{ id: "lines", type: "File", outputBinding: { glob: "lines.txt" } }],
  stdout: "lines.txt",
};

/**
 * The ten calls of which scripts with sevenbridges-python mostly consist, and the making of drafts, on a platform with a
 * hundred projects, a thousand files in one of them and fifty finished tasks.
 */
export async function prepareCalls(platform: Platform): Promise<Call[]> {
  const { call } = platform;
  for (let number = 1; number < PROJECTS; number++) await call("POST", "/projects", { name: `Cohort ${number}` });
  const { id: project } = await call("POST", "/projects", { name: "Reads" });
  const { id: drafts } = await call("POST", "/projects", { name: "Drafts" });
  const app = `${project}/count`;
  await call("POST", `/apps/${app}/raw`, STAGED);
  await call("POST", `/apps/${drafts}/count/raw`, STAGED);
  await fillFolder(platform, await uploadFile(platform, project, "reads.txt"), FILES);
  const input = await uploadFile(platform, drafts, "reads.txt");
  const files = await itemsOf(platform, `/files?project=${project}`);
  const [{ id: reads }] = (await call("GET", `/files?project=${project}&name=reads.txt`)).items;
  const newTask = (project: string, file: string) => ({
    project,
    app: `${project}/count`,
    name: "count",
    inputs: { reads: { class: "File", path: file }, sample: "S1" },
  });
  for (let number = 0; number < TASKS; number++) await call("POST", "/tasks?action=run", newTask(project, reads));
  await until(120, "the completion of the tasks", async () => {
    const page = await call("GET", `/tasks?project=${project}&status=COMPLETED&limit=${TASKS}`);
    return page.items.length === TASKS;
  });
  const tasks = await itemsOf(platform, `/tasks?project=${project}`);
  await platform.sql.query("vacuum analyze");

  return [
    { name: "GET user", method: "GET", paths: ["/user"] },
    { name: `GET projects, ${PAGE}`, method: "GET", paths: [`/projects?limit=${PAGE}`] },
    { name: "GET project", method: "GET", paths: [`/projects/${project}`] },
    { name: `GET files of a project, ${PAGE}`, method: "GET", paths: [`/files?project=${project}&limit=${PAGE}`] },
    { name: "GET file", method: "GET", paths: files.map((id) => `/files/${id}`) },
    { name: "GET download_info", method: "GET", paths: files.map((id) => `/files/${id}/download_info`) },
    { name: "PATCH metadata", method: "PATCH", paths: files.map((id) => `/files/${id}/metadata`), body: { sample_id: "S0" } },
    { name: `GET tasks of a project, ${PAGE}`, method: "GET", paths: [`/tasks?project=${project}&limit=${PAGE}`] },
    { name: "GET task", method: "GET", paths: tasks.map((id) => `/tasks/${id}`) },
    { name: "GET app", method: "GET", paths: [`/apps/${app}`] },
    { name: "POST task (a draft)", method: "POST", paths: ["/tasks"], body: newTask(drafts, input) },
  ];
}

/** The ids of a list's first hundred. */
async function itemsOf({ call }: Platform, path: string): Promise<string[]> {
  const { items } = await call("GET", `${path}&limit=100`);
  return items.map(({ id }: { id: string }) => id);
}
