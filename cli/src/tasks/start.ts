import { type Client, parseUuid } from "@causeway/contract";
import { appOf } from "../apps/found.ts";
import { portsOf } from "../apps/ports.ts";
import type { Session } from "../connection/session.ts";
import { Complaint, EXIT } from "../exit.ts";
import { printable } from "../output/output.ts";
import { describeTask } from "./describe.ts";
import { readInputs } from "./inputs.ts";
import { exitOf, type Task, waitForTask } from "./wait.ts";

interface StartOptions {
  readonly run: boolean;
  readonly wait?: boolean;
  readonly project?: string;
  readonly name?: string;
  readonly input?: readonly string[];
  readonly inputs?: string;
}

/** `causeway task create|run`: makes a draft of an app, and runs it if asked; a draft's id runs that one. */
export async function startTask(session: Session, subject: string, options: StartOptions): Promise<void> {
  const { client, output } = session;
  const draft = parseUuid(subject);
  const started = draft === undefined ? await create(client, subject, options) : await client.runTask({ task: draft });
  if (options.run && started.status === "DRAFT") throw stillDraft(started);
  if (!options.wait) {
    output.show(started, () => started.id);
    return;
  }
  output.note(`${started.id} ${printable(started.name)}`);
  const ended = await waitForTask(session, started.id);
  output.show(ended, () => describeTask(ended));
  process.exitCode = exitOf(ended);
}

async function create(client: Client, id: string, { run, project, name, ...given }: StartOptions): Promise<Task> {
  const app = await appOf(client, id);
  return client.createTask({
    ...(run ? { action: "run" as const } : {}),
    body: {
      project: project ?? app.project,
      app: app.id,
      inputs: await readInputs(client, portsOf(app.raw.inputs), given),
      ...(name === undefined ? {} : { name }),
    },
  });
}

/** With errors among its inputs a task stays a draft. */
function stillDraft({ id, errors }: Task): Complaint {
  const why = errors.map((each) => printable(`${each.input === undefined ? "" : `${each.input}: `}${each.message}`)).join("\n  ");
  return new Complaint(`The task cannot run yet:\n  ${why}`, { exit: EXIT.failure, advice: `It is kept as draft ${id}.` });
}
