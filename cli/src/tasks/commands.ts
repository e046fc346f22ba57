import type { Command } from "commander";
import { examples, online, several } from "../command.ts";
import { printable, table } from "../output/output.ts";

/** Tasks: runs of apps. */
export function taskCommands(program: Command): void {
  const task = program.command("task").description("tasks: runs of apps");
  task
    .command("list [project]")
    .description("list tasks, newest first")
    .option("--status <status>", "only QUEUED, RUNNING, COMPLETED, FAILED, …")
    .addHelpText("after", examples("task list ana/reef", "task list --status FAILED --json"))
    .action(
      online(async ({ client, output }, project: string | undefined, { status }) => {
        const tasks = await Array.fromAsync(
          client.all.listTasks({
            fields: "id,name,status,app,created_time",
            ...(project === undefined ? {} : { project }),
            ...(status === undefined ? {} : { status: status.toUpperCase() }),
          }),
        );
        output.show(tasks, () =>
          table(
            ["ID", "STATUS", "CREATED", "NAME"],
            tasks.map((each) => [each.id, each.status, each.created_time, each.name]),
            "No tasks.",
          ),
        );
      }),
    );
  startCommands(task);
  lookCommands(task);
  changeCommands(task);
}

function startCommands(task: Command): void {
  for (const [verb, does] of [
    ["create", "make a draft of a task"],
    ["run", "run an app as a task, or a draft"],
  ] as const) {
    const command = task
      .command(`${verb} <app${verb === "run" ? "-or-draft" : ""}>`)
      .description(does)
      .option("--project <owner/project>", "where it runs (default: the app's project)")
      .option("--name <name>", "the task's name")
      .option("-i, --input <name=value>", "an input; files by id or path; repeat for lists", several)
      .option("--inputs <file>", "inputs as YAML or JSON: {name: value}");
    if (verb === "run") {
      command
        .option("--wait", "wait until it ends; exit code 5 if it does not complete")
        .addHelpText(
          "after",
          examples("task run ana/reef/align -i reads=ana/reef/s1.fastq -i threads=4 --wait", "task run 3f0d…  a draft's id"),
        );
    } else command.addHelpText("after", examples("task create ana/reef/align --inputs align.yml --name first"));
    command.action(
      online(async (session, app: string, options) => {
        const { startTask } = await import("./start.ts");
        await startTask(session, app, { ...options, run: verb === "run" });
      }),
    );
  }
}

function lookCommands(task: Command): void {
  task
    .command("show <task>")
    .description("show a task")
    .addHelpText("after", examples("task show 5b2c…"))
    .action(
      online(async ({ client, output }, id: string) => {
        const { describeTask } = await import("./describe.ts");
        const found = await client.getTask({ task: id });
        output.show(found, () => describeTask(found));
      }),
    );
  task
    .command("wait <task>")
    .description("wait until a task ends; exit code 5 if it does not complete")
    .addHelpText("after", examples("task wait 5b2c…"))
    .action(
      online(async (session, id: string) => {
        const { exitOf, waitForTask } = await import("./wait.ts");
        const { describeTask } = await import("./describe.ts");
        const ended = await waitForTask(session, id);
        session.output.show(ended, () => describeTask(ended));
        process.exitCode = exitOf(ended);
      }),
    );
  task
    .command("logs <task>")
    .description("print what a task's jobs wrote")
    .option("--job <name>", "only jobs whose name contains this")
    .option("--tail <lines>", "only so many last lines of each")
    .option("--all", "also inputs, outputs and the listing of what each job left")
    .addHelpText("after", examples("task logs 5b2c…", "task logs 5b2c… --job align --tail 20"))
    .action(
      online(async (session, id: string, { job, tail, all }) => {
        const { logsOf } = await import("./logs.ts");
        const logs = await logsOf(session, id, {
          only: job,
          tail: tail === undefined ? undefined : Number(tail),
          all: all === true,
        });
        session.output.show(logs, () =>
          logs.map((each) => `==> ${printable(each.job)} ${each.log} (${each.status})\n${each.text.trimEnd()}\n`).join("\n"),
        );
      }),
    );
  task
    .command("outputs <task>")
    .description("show a task's outputs, or download their files")
    .option("--download <directory>", "download the files there")
    .option("--overwrite", "replace local files of the same name")
    .addHelpText("after", examples("task outputs 5b2c…", "task outputs 5b2c… --download results"))
    .action(
      online(async (session, id: string, { download, overwrite }) => {
        const { showOutputs } = await import("./outputs.ts");
        await showOutputs(session, id, { directory: download, overwrite: overwrite === true });
      }),
    );
}

function changeCommands(task: Command): void {
  task
    .command("abort <task>")
    .description("abort a task that waits or runs")
    .addHelpText("after", examples("task abort 5b2c…"))
    .action(
      online(async ({ client, output }, id: string) => {
        const aborted = await client.abortTask({ task: id });
        output.show(aborted, () => `${aborted.id} is ${aborted.status}.`);
      }),
    );
  task
    .command("clone <task>")
    .description("make a draft like a task")
    .option("--run", "run it at once")
    .addHelpText("after", examples("task clone 5b2c… --run"))
    .action(
      online(async ({ client, output }, id: string, { run }) => {
        const clone = await client.cloneTask({ task: id, ...(run ? { action: "run" as const } : {}) });
        output.show(clone, () => clone.id);
      }),
    );
  task
    .command("delete <task>")
    .description("delete a draft")
    .addHelpText("after", examples("task delete 5b2c…"))
    .action(
      online(async ({ client, output }, id: string) => {
        await client.deleteTask({ task: id });
        output.show({ deleted: id }, () => `${id} is deleted.`);
      }),
    );
}
