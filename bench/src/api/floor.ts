// The floor of `run.ts`: bare Fastify that answers the same requests with as many plain queries on the same rows. It knows
// nobody's rights, checks nothing and has no links; what it adds to a query is what any Node server must.
import type { AddressInfo } from "node:net";
import Fastify from "fastify";
import pg from "pg";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 });
const app = Fastify({ logger: false });

const rowsOf = async (text: string, values: unknown[]) => (await pool.query(text, values)).rows;
const rowOf = async (text: string, values: unknown[]) => (await rowsOf(text, values))[0];

const FILE = "id, name, size, project_id, parent, type, created_at, modified_at, origin, tags, metadata";
const PROJECT = "id, owner, short_name, name, description, tags, settings, root_folder, created_by, created_at, modified_at";
/** What lists show of a task. */
const TASK_LINE = "id, name, project_id";
const TASK = `${TASK_LINE}, app_revision_id, description, status, errors, warnings, created_by, executed_by, created_at, started_at,
  ended_at, price, inputs, outputs`;

const projectOf = (id: string) => rowOf(`select ${PROJECT} from projects where owner || '/' || short_name = $1`, [id]);
const fileIdsIn = (values: object[]) => JSON.stringify(values).match(/(?<="path":")[0-9a-f]{24}/g) ?? [];
const filesIn = ({ inputs, outputs }: { inputs: object; outputs: object }) =>
  rowsOf(`select ${FILE} from files where id = any($1)`, [fileIdsIn([inputs, outputs])]);

app.get("/user", () => rowOf("select * from users where username = $1", ["ana"]));

app.get<{ Querystring: { limit: string } }>("/projects", async ({ query: { limit } }) => ({
  items: await rowsOf(`select ${PROJECT} from projects order by created_at desc limit $1`, [limit]),
  total: await rowOf("select count(*) from projects", []),
}));

app.get<{ Params: { owner: string; project: string } }>("/projects/:owner/:project", ({ params }) =>
  rowOf(`select ${PROJECT} from projects where owner = $1 and short_name = $2`, [params.owner, params.project]),
);

app.get<{ Querystring: { project: string; limit: string } }>("/files", async ({ query }) => {
  const { root_folder } = await projectOf(query.project);
  const page = `select ${FILE} from files where parent = $1 and deleted_at is null order by type desc, name, id limit $2`;
  return { items: await rowsOf(page, [root_folder, query.limit]) };
});

app.get<{ Params: { file: string } }>("/files/:file", ({ params }) =>
  rowOf(`select ${FILE} from files where id = $1`, [params.file]),
);

app.get<{ Params: { file: string } }>("/files/:file/download_info", ({ params }) =>
  rowOf(`select ${FILE} from files where id = $1`, [params.file]),
);

app.patch<{ Params: { file: string }; Body: Record<string, string> }>(
  "/files/:file/metadata",
  async ({ params: { file }, body }) => {
    await rowOf(`select ${FILE} from files where id = $1`, [file]);
    return inTransaction(async (client) => {
      const { rows } = await client.query(`select ${FILE} from files where id = $1 for update`, [file]);
      const metadata = { ...rows[0].metadata, ...body };
      await client.query("update files set metadata = $2, modified_at = now() where id = $1", [file, metadata]);
      return metadata;
    });
  },
);

app.get<{ Querystring: { project: string; limit: string } }>("/tasks", async ({ query }) => {
  const { id } = await projectOf(query.project);
  const items = await rowsOf(
    `select ${TASK_LINE} from tasks where project_id = $1 and parent_id is null order by created_at desc limit $2`,
    [id, query.limit],
  );
  const total = await rowOf("select count(*) from tasks where project_id = $1 and parent_id is null", [id]);
  return { items, total };
});

app.get<{ Params: { task: string } }>("/tasks/:task", ({ params }) => taskOf(params.task));

app.get<{ Params: { owner: string; project: string; app: string } }>("/apps/:owner/:project/:app", async ({ params }) => {
  const project = await projectOf(`${params.owner}/${params.project}`);
  const app = await rowOf("select * from apps where project_id = $1 and name = $2", [project.id, params.app]);
  const latest = "select * from app_revisions where app_id = $1 and revision = $2";
  const revision = await rowOf(latest, [app.id, app.latest_revision]);
  const history = "select revision, notes, created_by, created_at from app_revisions where app_id = $1 order by revision";
  return { ...revision, history: await rowsOf(history, [app.id]) };
});

interface NewTask {
  project: string;
  app: string;
  name: string;
  inputs: object;
}

app.post<{ Body: NewTask }>("/tasks", async ({ body }) => {
  const project = await projectOf(body.project);
  const app = await rowOf("select * from apps where project_id = $1 and name = $2", [project.id, body.app.split("/")[2]]);
  const revision = await rowOf("select * from app_revisions where app_id = $1 and revision = $2", [app.id, app.latest_revision]);
  await rowsOf(`select ${FILE} from files where id = any($1)`, [fileIdsIn([body.inputs])]);
  const id = await inTransaction(async (client) => {
    const values = [project.id, revision.id, body.name, body.inputs];
    const insert = "insert into tasks (project_id, app_revision_id, name, inputs, created_by) values ($1, $2, $3, $4, 'ana')";
    return (await client.query(`${insert} returning id`, values)).rows[0].id;
  });
  return taskOf(id);
});

async function taskOf(id: string): Promise<object> {
  const task = await rowOf(`select ${TASK} from tasks where id = $1`, [id]);
  return { ...task, files: await filesIn(task) };
}

async function inTransaction<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    return result;
  } finally {
    client.release();
  }
}

await app.listen({ port: 0 });
console.log((app.server.address() as AddressInfo).port);
