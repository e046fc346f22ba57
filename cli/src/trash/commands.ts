import type { Command } from "commander";
import { examples, withSession } from "../command.ts";
import { size, table } from "../output/output.ts";

/** What was deleted and can be restored, by administrators; in `project` and `file`, whose commands these are. */
export function projectTrashCommands(project: Command): void {
  project
    .command("deleted")
    .description("list deleted projects that can be restored (administrators)")
    .addHelpText("after", examples("project deleted"))
    .action(
      withSession(async ({ operator, output }) => {
        const { projects: deleted } = await operator.listDeletedProjects();
        output.show(deleted, () =>
          table(
            ["PROJECT", "NAME", "DELETED", "RESTORABLE UNTIL", "ID"],
            deleted.map((each) => [each.project, each.name, each.deleted_on, each.restorable_until, each.id]),
            "Nothing is there to restore.",
          ),
        );
      }),
    );
  project
    .command("restore <project>")
    .description("restore a deleted project with everything in it: owner/project, or the id of `deleted` (administrators)")
    .option("--as <short name>", "its new last part, when another project has its id by now")
    .addHelpText("after", examples("project restore ana/reef", "project restore ana/reef --as reef-old"))
    .action(
      withSession(async ({ operator, output }, named: string, options) => {
        const { deletedProject } = await import("./named.ts");
        const id = await deletedProject(operator, named);
        const body = options.as === undefined ? {} : { short_name: options.as };
        const { project } = await operator.restoreProject({ id, body });
        output.show({ project }, () => `${project} is there again.`);
      }),
    );
}

export function fileTrashCommands(file: Command): void {
  file
    .command("deleted <project>")
    .description("list deleted files and folders of a project that can be restored, the last deleted first (administrators)")
    .option("--name <name>", "only what had this name")
    .addHelpText("after", examples("file deleted ana/reef", "file deleted ana/reef --name s1.fastq.gz"))
    .action(
      withSession(async ({ operator, output }, project: string, { name }) => {
        const { deletedFiles } = await import("./named.ts");
        const deleted = await Array.fromAsync(deletedFiles(operator, project, name));
        output.show(deleted, () =>
          table(
            ["ID", "SIZE", "DELETED", "RESTORABLE UNTIL", "PATH"],
            deleted.map((each) => [
              each.id,
              size(each.size),
              each.deleted_on,
              each.restorable_until,
              each.type === "folder" ? `${each.path}/` : each.path,
            ]),
            "Nothing is there to restore.",
          ),
        );
      }),
    );
  file
    .command("restore <file>")
    .description("restore a deleted file, or folder with what was deleted with it, by id or path (administrators)")
    .option("--as <name>", "its new name, when the old one is taken by now")
    .option("--to <folder>", "another folder of its project, by id or path, when its own is gone")
    .option("--since <time>", "of a folder: all in it that was deleted from this time on, as in 2026-11-22T14:00:00Z")
    .addHelpText(
      "after",
      examples(
        "file restore ana/reef/reads/s1.fastq.gz",
        "file restore ana/reef/a.txt --as a.old.txt",
        "file restore ana/reef/reads --since 2026-11-22T14:00:00Z",
      ),
    )
    .action(
      withSession(async ({ client, operator, output }, named: string, options) => {
        const { deletedFile } = await import("./named.ts");
        const { fileIdOf } = await import("../files/places.ts");
        const body = {
          ...(options.as === undefined ? {} : { name: options.as }),
          ...(options.to === undefined ? {} : { parent: await fileIdOf(client, options.to) }),
          ...(options.since === undefined ? {} : { since: options.since }),
        };
        const restored = await operator.restoreFile({ id: await deletedFile(operator, named), body });
        output.show(restored, () => `${restored.path} is there again: ${counted(restored)}.`);
      }),
    );
}

const counted = ({ files, folders }: { files: number; folders: number }) =>
  [count(files, "file"), count(folders, "folder")].filter(Boolean).join(", ");

const count = (number: number, what: string) => (number === 0 ? "" : `${number} ${what}${number === 1 ? "" : "s"}`);
