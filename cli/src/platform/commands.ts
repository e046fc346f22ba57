import type { Command } from "commander";
import { examples, repeatable, withSession } from "../command.ts";
import type { Session } from "../connection/session.ts";

const DATA_DIRECTORY = ["--data, --data-dir <directory>", "the platform's data (default: CAUSEWAY_DATA, or .causeway)"] as const;

/** Running the platform itself. */
export function platformCommands(program: Command): void {
  program
    .command("quickstart")
    .description("start a platform, upload real reads, run a workflow on them, show the result")
    .option("--once", "stop the platform afterwards")
    .option("--port <port>", "TCP port (default: 8080, or a free one when that is taken)")
    .option("--data-dir <directory>", "where its data is kept (default: .causeway/quickstart of the repository)")
    .addHelpText("after", examples("quickstart", "quickstart --once"))
    .action(async (options) => {
      const { quickstart } = await import("../quickstart/quickstart.ts");
      // Stopped in the middle, its client may still wait for answers of a platform that is gone.
      process.exit(await quickstart(options));
    });

  program
    .command("serve")
    .description("run the platform until Ctrl-C or SIGTERM")
    .option("--host <address>", "address to listen on (default: 127.0.0.1)")
    .option("--port <port>", "TCP port; 0 takes a free one (default: 8080)")
    .option("--data-dir <directory>", "embedded database, files and jobs (default: .causeway)")
    .option("--public-url <url>", "base of every link in answers, without /v2")
    .addHelpText(
      "after",
      examples("serve", "serve --host 0.0.0.0 --public-url https://causeway.example.org --data-dir /srv/causeway"),
    )
    .action(async (_options, command: Command) => {
      const { serve } = await import("./serve.ts");
      process.exitCode = await serve(command.optsWithGlobals());
    });

  program
    .command("dev")
    .description("run a platform for testing scripts: fresh users, printed tokens, data removed at the end")
    .option("--port <port>", "TCP port; 0 takes a free one", "0")
    .option("--user <name>", "make this user; may be repeated, and the first one is an administrator", repeatable)
    .option("--data-dir <directory>", "keep the data there")
    .addHelpText(
      "after",
      examples("dev --user ana --user ben", "dev --port 0 --user ana --json      one JSON line when it serves"),
    )
    .action(async (_options, command: Command) => {
      const { dev } = await import("./dev.ts");
      process.exitCode = await dev(command.optsWithGlobals());
    });

  program
    .command("backup")
    .description("save the whole platform, running or not, to an empty directory: database, files, secrets")
    .argument("<directory>", "where the backup goes; one that was broken off there is gone on with")
    .option(...DATA_DIRECTORY)
    .option("--previous <directory>", "an earlier backup on the same file system, whose bytes are used again")
    .option("--fetch", "with a bucket: fetch the bytes, too (else they stay there, and the backup names them)")
    .addHelpText(
      "after",
      examples("backup /backup/monday", "backup /backup/tuesday --data-dir /srv/causeway --previous /backup/monday"),
    )
    .action(async (directory: string, _options, command: Command) => {
      const { backup } = await import("./backup.ts");
      process.exitCode = await backup(directory, command.optsWithGlobals());
    });

  program
    .command("restore")
    .description("make a platform of a backup, in an empty data directory (and an empty database, with DATABASE_URL)")
    .argument("<directory>", "the backup")
    .option(...DATA_DIRECTORY)
    .addHelpText("after", examples("restore /backup/monday --data-dir /srv/causeway-restored"))
    .action(async (directory: string, _options, command: Command) => {
      const { restore } = await import("./backup.ts");
      process.exitCode = await restore(directory, command.optsWithGlobals());
    });

  program
    .command("settings")
    .description("print every setting: environment variable, meaning, unit, default")
    .addHelpText("after", examples("settings"))
    .action(async (_options, command: Command) => {
      const { printSettings } = await import("./settings.ts");
      await printSettings(command.optsWithGlobals());
    });

  program
    .command("doctor")
    .description("tell what this machine has: sandboxes, container engines, database, space, ports")
    .addHelpText("after", examples("doctor", "doctor --json"))
    .action(async (_options, command: Command) => {
      const { doctor } = await import("./doctor.ts");
      process.exitCode = await doctor(command.optsWithGlobals());
    });

  maintenanceCommands(program);
}

function maintenanceCommands(program: Command): void {
  const maintenance = program
    .command("maintenance")
    .description("close the platform, or one service of it, for calls (administrators); running tasks go on");
  const service = [
    "--service <name>",
    "only this service: users, projects, billing, files, metadata, apps, tasks, uploads, search",
  ] as const;
  maintenance
    .command("on")
    .description("close it: calls are answered with 503")
    .option(...service)
    .addHelpText("after", examples("maintenance on", "maintenance on --service files"))
    .action(
      withSession(async ({ operator, output }, options) =>
        showState(output, await operator.closeService({ service: options.service ?? "platform" })),
      ),
    );
  maintenance
    .command("off")
    .description("open it again")
    .option(...service)
    .addHelpText("after", examples("maintenance off"))
    .action(
      withSession(async ({ operator, output }, options) =>
        showState(output, await operator.openService({ service: options.service ?? "platform" })),
      ),
    );
  maintenance
    .command("status")
    .description("tell what is closed")
    .addHelpText("after", examples("maintenance status"))
    .action(withSession(async ({ operator, output }) => showState(output, await operator.getMaintenance())));
}

function showState(output: Session["output"], state: { closed: string[] }): void {
  output.show(state, () => (state.closed.length === 0 ? "Everything is open." : `Closed: ${state.closed.join(", ")}`));
}
