// Tasks in numbers: drafts made by four clients at once, as from a script's thread pool, and a batch of 10,000 children.
//     node bench/src/tasks.ts [drafts] [children]
import { fillFolder, uploadFile } from "./filled-folder.ts";
import { type Platform, startPlatform, until, verdict } from "./platform.ts";

const [drafts = 1000, children = 10_000] = process.argv.slice(2).map(Number);
const CLIENTS = 4;
const COUNT = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  baseCommand: ["wc", "-l"],
  inputs: [{ id: "reads", type: "File", inputBinding: { position: 1 } }],
  outputs: [{ id: "lines", type: "stdout" }],
};

const platform = await startPlatform();
try {
  const { call } = platform;
  const { id: project } = await call("POST", "/projects", { name: "Tasks" });
  await call("POST", `/apps/${project}/count/raw`, COUNT);
  const first = await uploadFile(platform, project, "first.bam");
  await makeDrafts(platform, project, first);
  await fillFolder(platform, first, children - 1);
  await runBatch(platform, project);
} finally {
  await platform.close();
}

async function makeDrafts({ call }: Platform, project: string, file: string): Promise<void> {
  const started = performance.now();
  let left = drafts;
  const client = async () => {
    while (left-- > 0) {
      const inputs = { reads: { class: "File", path: file } };
      const { status, errors } = await call("POST", "/tasks", {
        project,
        app: `${project}/count`,
        name: `draft ${left}`,
        inputs,
      });
      if (status !== "DRAFT" || errors.length > 0) throw new Error(`a draft that is ${status}: ${JSON.stringify(errors)}`);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const seconds = (performance.now() - started) / 1000;
  verdict(`${drafts.toLocaleString("en")} drafts, a minute`, (drafts / seconds) * 60, "", { atLeast: 1000 });
}

/** From the call that runs it to the last child that is there. The children are not waited for: the batch is aborted. */
async function runBatch({ call, sql }: Platform, project: string): Promise<void> {
  const { rows } = await sql.query("select id from files where type = 'file' limit $1", [children]);
  const { id } = await call("POST", "/tasks", {
    project,
    app: `${project}/count`,
    name: "all",
    batch: true,
    batch_input: "reads",
    batch_by: { type: "ITEM" },
    inputs: { reads: rows.map(({ id }) => ({ class: "File", path: id })) },
  });
  const started = performance.now();
  await call("POST", `/tasks/${id}/actions/run`);
  const countChildren = async () => {
    const { rows } = await sql.query("select count(*)::integer as children from tasks where parent_id = $1", [id]);
    return rows[0].children;
  };
  await until(300, "the making of the children", async () => (await countChildren()) === children);
  verdict(`a batch of ${children.toLocaleString("en")} children`, (performance.now() - started) / 1000, " s", { atMost: 30 });
  await call("POST", `/tasks/${id}/actions/abort`);
}
