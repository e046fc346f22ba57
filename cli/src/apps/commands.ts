import type { Command } from "commander";
import { examples, withSession } from "../command.ts";
import { printableText, record, table } from "../output/output.ts";

const listed = (title: string, texts: unknown): string =>
  Array.isArray(texts) && texts.length > 0
    ? `${title}:\n${texts.map((text) => `  ${printableText(String(text), 4)}`).join("\n")}`
    : "";

/** Apps: CWL documents, in revisions. */
export function appCommands(program: Command): void {
  const app = program.command("app").description("apps: CWL documents that tasks run, named owner/project/app[/revision]");
  app
    .command("list [project]")
    .description("list the apps of a project, or of all your projects")
    .option("--public", "public apps")
    .option("-q, --query <terms>", "only apps with these words")
    .addHelpText("after", examples("app list ana/reef", "app list --public -q align"))
    .action(
      withSession(async ({ client, output }, project: string | undefined, { public: isPublic, query }) => {
        const apps = await Array.fromAsync(
          client.all.listApps({
            ...(project === undefined ? {} : { project }),
            ...(isPublic ? { visibility: "public" as const } : {}),
            ...(query === undefined ? {} : { q: [query] }),
          }),
        );
        output.show(apps, () =>
          table(
            ["ID", "NAME"],
            apps.map((each) => [each.id, each.name]),
            "No apps.",
          ),
        );
      }),
    );
  app
    .command("show <app>")
    .description("show an app with its inputs and outputs")
    .addHelpText("after", examples("app show ana/reef/align", "app show ana/reef/align/3"))
    .action(
      withSession(async ({ client, output }, id: string) => {
        const { appOf } = await import("./found.ts");
        const { describePorts } = await import("./ports.ts");
        const { process, ...found } = await appOf(client, id);
        output.show(found, () =>
          [
            record({ id: found.id, name: found.name, class: process.class, version: found.raw.cwlVersion }),
            printableText(typeof process.doc === "string" ? process.doc.trim() : ""),
            `Inputs:\n${describePorts(process.inputs)}`,
            `Outputs:\n${describePorts(process.outputs)}`,
            listed("Problems: it cannot be run", found.raw["sbg:validationErrors"]),
            listed("Warnings", found.raw["sbg:validationWarnings"]),
          ]
            .filter(Boolean)
            .join("\n\n"),
        );
      }),
    );
  app
    .command("install <document>")
    .description("add a CWL document with the files it refers to as an app, or as its next revision")
    .requiredOption("--project <owner/project>", "the project that the app goes to")
    .option("--name <name>", "the app's name (default: the file's)")
    .option("--note <text>", "what changed in this revision")
    .addHelpText(
      "after",
      examples("app install align.cwl --project ana/reef", 'app install align.cwl --project ana/reef --note "more memory"'),
    )
    .action(
      withSession(async ({ client, output }, path: string, { project, name, note }) => {
        const { projectNamed } = await import("../files/places.ts");
        const { appNameOf, install } = await import("./install.ts");
        const installed = await install(client, path, { ...projectNamed(project), name: name ?? appNameOf(path) }, note);
        for (const warning of installed.warnings) output.note(printableText(warning, 2));
        for (const problem of installed.problems) output.note(`problem: ${printableText(problem, 2)}`);
        output.show(installed, () => installed.id);
        if (installed.problems.length > 0) {
          const { CliError } = await import("../exit.ts");
          throw new CliError(`${installed.id} was added, but cannot be run until these problems are gone.`);
        }
      }),
    );
  app
    .command("pull <app>")
    .description("get an app's CWL document")
    .option("-o, --output <file>", "write it there instead of printing it")
    .option("--yaml", "as YAML instead of JSON")
    .addHelpText("after", examples("app pull ana/reef/align -o align.cwl", "app pull ana/reef/align/3 --yaml"))
    .action(
      withSession(async ({ client, output }, id: string, { output: path, yaml }) => {
        const { appOf } = await import("./found.ts");
        const { raw } = await appOf(client, id);
        const text = yaml ? (await import("yaml")).stringify(raw) : `${JSON.stringify(raw, undefined, 2)}\n`;
        if (path === undefined) {
          if (output.json) output.show(raw, () => "");
          else process.stdout.write(text);
          return;
        }
        await (await import("node:fs/promises")).writeFile(path, text);
        output.show({ path }, () => path);
      }),
    );
}
