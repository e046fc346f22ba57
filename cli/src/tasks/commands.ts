import type { Command } from "commander";
import { examples, repeatable, withSession } from "../command.ts";
import { printable, table } from "../output/output.ts";

/** Tasks: runs of apps. */
export function taskCommands(program: Command): void {
  const task = program.command("task").description("tasks: runs of apps");
  task
    .command("list [project]")
    .description("list tasks, newest first")
    .option("--status <status>", "only QUEUED, RUNNING, COMPLETED, FAILED, …")
    .option("--batch <task>", "the tasks of this batch, which are not listed otherwise")
    .addHelpText("after", examples("task list ana/reef", "task list --status FAILED --json", "task list --batch 5b2c…"))
    .action(
      withSession(async ({ client, output }, project: string | undefined, { status, batch }) => {
        const tasks = await Array.fromAsync(
          client.all.listTasks({
            fields: "id,name,status,app,created_time",
            ...(project === undefined ? {} : { project }),
            ...(status === undefined ? {} : { status: status.toUpperCase() }),
            ...(batch === undefined ? {} : { parent: batch }),
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
  const create = task.command("create <app>").description("make a draft of a task");
  withGiven(create).addHelpText(
    "after",
    examples(
      "task create ana/reef/align --inputs align.yml --name first",
      "task create ana/reef/align -i reads=ana/reef/s1.fastq --output-location /aligned",
    ),
  );
  const run = task
    .command("run <app-or-draft>")
    .description("run an app as a task, or a draft; what cannot be run leaves nothing");
  withGiven(run)
    .option("--wait", "wait until it ends; exit code 5 if it does not complete")
    .addHelpText(
      "after",
      examples(
        "task run ana/reef/align -i reads=ana/reef/s1.fastq -i threads=4 --wait",
        "task run ana/reef/align --inputs align.yml --output-location /aligned/<task_name> --instance-type c5.2xlarge",
        "task run 3f0d…  a draft's id",
      ),
    );
  for (const [command, isRun] of [
    [create, false],
    [run, true],
  ] as const) {
    command.action(
      withSession(async (session, app: string, options) => {
        const { startTask } = await import("./start.ts");
        await startTask(session, app, { ...options, run: isRun });
      }),
    );
  }
  const batch = task
    .command("batch <app>")
    .description("run an app once for every value of an input, or for every group of files of equal metadata")
    .option(
      "--by <item|metadata.KEY>",
      "a task for every value, or for every value of the metadata; repeat for several keys",
      repeatable,
    )
    .option("--on <input>", "the input whose values are shared out (default: the one with several)");
  withGiven(batch)
    .option("--dry-run", "show the tasks that it would become, and make nothing")
    .option("--wait", "wait until all have ended; exit code 5 if one does not complete")
    .addHelpText(
      "after",
      examples(
        "task batch ana/reef/align --by metadata.sample_id -i reads=ana/reef/s1_1.fastq -i reads=ana/reef/s1_2.fastq --dry-run",
        "task batch ana/reef/count --by item -i text=ana/reef/a.txt -i text=ana/reef/b.txt --wait",
        "task batch ana/reef/align --by metadata.sample_id --on reads --inputs all.yml --output-location /aligned/<batch_group>",
      ),
    )
    .action(
      withSession(async (session, app: string, options) => {
        const { startBatch } = await import("./start.ts");
        await startBatch(session, app, options);
      }),
    );
}

/** The options that say what a task is run on, how, and where its outputs go. */
function withGiven(command: Command): Command {
  return command
    .option("--project <owner/project>", "where it runs (default: the app's project)")
    .option("--name <name>", "the task's name")
    .option("-i, --input <name=value>", "an input; files by id or path; repeat for lists", repeatable)
    .option("--inputs <file>", "inputs as YAML or JSON: {name: value}")
    .option(
      "--output-location <[output=]path>",
      "folder of the project for the outputs, or for one of them; it is made where it is missing; repeat",
      repeatable,
    )
    .option("--instance-type <type[;disk;GB]>", "what its jobs run on; repeat for several that would do", repeatable)
    .option("--instances <count>", "instances at once, at most")
    .option("--memoization", "use results of earlier tasks again (default: the project's setting)")
    .option("--no-memoization", "run every job anew")
    .option("--elastic-disk", "let the disks of instances grow")
    .option("--interruptible", "let its instances be interrupted, for less (default: the project's setting)")
    .option("--no-interruptible", "let nothing interrupt its instances");
}

function lookCommands(task: Command): void {
  task
    .command("show <task>")
    .description("show a task")
    .addHelpText("after", examples("task show 5b2c…"))
    .action(
      withSession(async ({ client, output }, id: string) => {
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
      withSession(async (session, id: string) => {
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
      withSession(async (session, id: string, { job, tail, all }) => {
        const { logsOf } = await import("./logs.ts");
        const { whyNothing } = await import("./describe.ts");
        const logs = await logsOf(session, id, {
          only: job,
          tail: tail === undefined ? undefined : Number(tail),
          all: all === true,
        });
        if (logs.length === 0 && job === undefined)
          session.output.note(whyNothing(await session.client.getTask({ task: id }), "logs"));
        if (logs.length === 0 && job !== undefined) session.output.note(`No job whose name contains ${printable(job)} has logs.`);
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
      withSession(async (session, id: string, { download, overwrite }) => {
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
      withSession(async ({ client, output }, id: string) => {
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
      withSession(async ({ client, output }, id: string, { run }) => {
        const clone = await client.cloneTask({ task: id, ...(run ? { action: "run" as const } : {}) });
        output.show(clone, () => clone.id);
      }),
    );
  task
    .command("delete <task>")
    .description("delete a draft")
    .addHelpText("after", examples("task delete 5b2c…"))
    .action(
      withSession(async ({ client, output }, id: string) => {
        await client.deleteTask({ task: id });
        output.show({ deleted: id }, () => `${id} is deleted.`);
      }),
    );
}
