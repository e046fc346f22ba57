import { readFile, rm } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { parse } from "yaml";
import { install } from "../apps/install.ts";
import { type Session, sessionAt } from "../connection/session.ts";
import { CliError, EXIT, type ExitCode } from "../exit.ts";
import { childOf, projectNamed } from "../files/places.ts";
import { createOutput, duration, size } from "../output/output.ts";
import { isFree } from "../platform/port.ts";
import { findRunning } from "../platform/running.ts";
import { aborted, ROOT, Stopped, startServer, untilSignal } from "../platform/server-process.ts";
import { signInLink } from "../platform/sign-in-link.ts";
import { buildWebUi } from "../platform/web-ui.ts";
import { logsOf } from "../tasks/logs.ts";
import { downloadOutputs } from "../tasks/outputs.ts";
import { type Task, waitForTask } from "../tasks/wait.ts";
import { upload } from "../transfers/upload.ts";
import { nextSteps } from "./next-steps.ts";
import { showTable } from "./table.ts";

const WORKFLOW = join(ROOT, "quickstart", "read-quality.cwl");
const INPUTS = join(ROOT, "quickstart", "read-quality.inputs.yml");
const USER = "ana";
const PROJECT = "Quickstart";

export interface QuickstartOptions {
  /** Stop when the result is shown. */
  readonly once?: boolean;
  /** Default: 8080 when it is free, else any. */
  readonly port?: string;
  /** Kept, so that the next start is quick. Default: `.causeway/quickstart` of the repository. */
  readonly dataDir?: string;
}

/** From nothing to a finished task: starts a platform, takes real reads through a workflow, shows what came out. */
export async function quickstart(options: QuickstartOptions): Promise<ExitCode> {
  const stop = untilSignal();
  const data = resolve(options.dataDir ?? join(ROOT, ".causeway", "quickstart"));
  const running = findRunning(data);
  if (running) throw alreadyRunning(running.url);
  const began = Date.now();
  say(`Starting the platform on ${shown(data)}`);
  try {
    const server = await startServer({
      signal: stop,
      settings: {
        CAUSEWAY_DATA: data,
        CAUSEWAY_HOST: "127.0.0.1",
        CAUSEWAY_PORT: options.port ?? (options.once || !(await isFree(8080)) ? "0" : "8080"),
        CAUSEWAY_PUBLIC_URL: undefined,
        CAUSEWAY_ADMINISTRATOR: "admin",
        CAUSEWAY_ISOLATION: process.env.CAUSEWAY_ISOLATION ?? "none",
        CAUSEWAY_LOG: process.env.CAUSEWAY_LOG ?? "warn",
        CAUSEWAY_LOG_FORMAT: process.env.CAUSEWAY_LOG_FORMAT ?? "text",
        DATABASE_URL: undefined,
      },
    });
    try {
      say(`  serves ${server.url} after ${duration(Date.now() - began)}`);
      const built = buildWebUi();
      const { token, task } = await Promise.race([tour(server.url, data), aborted(stop).then(() => Promise.reject(stop.reason))]);
      if (options.once) return EXIT.ok;
      const link = (await built) ? await signInLink(server.url, data, USER) : undefined;
      say(nextSteps(server.url, token, link?.replace("/sign-in", `/sign-in?next=/tasks/${task}`)));
      const { code } = await Promise.race([server.ended, aborted(stop).then(() => ({ code: 0 }))]);
      if (code !== 0) throw new CliError("The platform ended by itself.", { advice: "What it wrote above says why." });
      return EXIT.ok;
    } finally {
      await server.stop();
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    say("Stopped.");
    return options.once ? EXIT.interrupted : EXIT.ok;
  }
}

/** The story itself, as a user's client tells it. Answers the user's token, and the task's id. */
async function tour(url: string, data: string): Promise<{ token: string; task: string }> {
  const token = await userToken(url, data);
  const session = sessionAt(url, token, createOutput(false));
  const project = await ensureProject(session);
  const { reads, title } = await uploadReads(session, project);

  say("Installing the workflow as an app");
  const app = await install(session.client, WORKFLOW, { ...projectNamed(project), name: "read-quality" });
  say(`  ${app.id}`);
  say("Running it as a task");
  const created = await session.client.createTask({
    action: "run",
    body: { project, app: app.id, name: title, inputs: { reads: reads.map((path) => ({ class: "File", path })), title } },
  });
  const task = await waitForTask(session, created.id);
  if (task.status !== "COMPLETED") throw await failed(session, task);
  say(`  task ${task.id} completed in ${duration(task.execution_status?.duration ?? 0)}`);
  await showResults(session, task, join(data, "results"));
  return { token, task: task.id };
}

async function userToken(url: string, data: string): Promise<string> {
  const { createOperatorClient } = await import("@causeway/contract/client");
  const operator = createOperatorClient({ baseUrl: url, token: (await readFile(join(data, "admin.token"), "utf8")).trim() });
  const isKnown = (await operator.listAccounts()).users.some(({ username }) => username === USER);
  const made = isKnown ? operator.renewToken({ username: USER }) : operator.createAccount({ body: { username: USER } });
  return (await made).token;
}

/** One project for every run: the second finds the first one's. */
async function ensureProject({ client }: Session): Promise<string> {
  const { items } = await client.listProjectsOfOwner({ owner: USER, name: PROJECT });
  const project = items[0] ?? (await client.createProject({ body: { name: PROJECT } }));
  say(`Project ${project.id}`);
  return project.id;
}

/** Uploads the workflow's input files where they are not there yet, and answers their ids. */
async function uploadReads(session: Session, project: string): Promise<{ reads: string[]; title: string }> {
  const { client, url } = session;
  const inputs = parse(await readFile(INPUTS, "utf8")) as { reads: { path: string }[]; title: string };
  const { root_folder } = await client.getProject(projectNamed(project));
  const reads: string[] = [];
  say("Uploading reads");
  for (const path of inputs.reads.map((file) => resolve(dirname(INPUTS), file.path))) {
    const known = await childOf(client, root_folder, basename(path));
    if (known !== undefined) reads.push(known);
    else {
      const file = await upload(client, url, { path, parent: root_folder });
      await client.updateFileMetadata({ file: file.id, body: { sample_id: basename(path).replace(/\.fastq\.gz$/, "") } });
      reads.push(file.id);
      say(`  ${file.name} (${size(file.size)})`);
    }
  }
  if (reads.length > 0) say(`  ${reads.length} files are there`);
  return { reads, title: inputs.title };
}

async function showResults(session: Session, task: Task, directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  const files = await downloadOutputs(session, task.outputs, directory, true);
  const ending = (suffix: string) => files.find(({ path }) => path.endsWith(suffix))?.path;
  say(`Results are in ${shown(directory)}\n`);
  say(showTable(await readFile(ending("read-quality.tsv") ?? join(directory, "read-quality.tsv"), "utf8")));
  say(
    `\nPicture: ${shown(ending(".svg") ?? directory)}\nPage:    ${shown(ending(".html") ?? directory)}  (open it in a browser)`,
  );
}

/** Why the task failed: in its own words, and with the last lines that its failed jobs wrote. */
async function failed(session: Session, task: Task): Promise<CliError> {
  const logs = (await logsOf(session, task.id, { tail: 15 })).filter(({ status, text }) => status === "FAILED" && text !== "");
  const lines = logs.map(({ job, log, text }) => `--- ${job}, ${log}\n${text}`);
  return new CliError([`The task is ${task.status}: ${task.execution_status?.message ?? ""}`, ...lines].join("\n"), {
    exit: EXIT.taskFailed,
    advice: "`npx causeway doctor` tells what this machine has.",
  });
}

const alreadyRunning = (url: string | undefined) =>
  new CliError(`The quickstart's platform runs already${url === undefined ? "" : `: ${url}`}.`, {
    advice: "Use that one, or stop it (Ctrl-C in its terminal) and run this again.",
  });

const say = (text: string) => process.stdout.write(`${text}\n`);
const shown = (path: string) => relative(process.cwd(), path) || ".";
