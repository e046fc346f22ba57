import type { Command } from "commander";
import { examples, repeatable, withSession } from "../command.ts";
import { record, size, table } from "../output/output.ts";
import { fileTrashCommands } from "../trash/commands.ts";

/** Files and folders; every one is named by its id or its path. */
export function fileCommands(program: Command): void {
  const file = program.command("file").description("files and folders, named by id or by path: ana/reef/reads/s1.fastq");
  file
    .command("list <place>")
    .alias("ls")
    .description("list a project or a folder")
    .option("--name <name>", "only this name; may be repeated", repeatable)
    .option("--tag <tag>", "only files with this tag; may be repeated", repeatable)
    .option("--metadata <key=value>", "only files with this metadata; may be repeated", repeatable)
    .addHelpText("after", examples("file list ana/reef", "file list ana/reef/reads --metadata sample_id=S7"))
    .action(
      withSession(async ({ client, output }, place: string, { name, tag, metadata }) => {
        const { fileIdOf } = await import("./places.ts");
        const { pairs } = await import("./metadata.ts");
        const parent = await fileIdOf(client, place);
        const wanted = Object.fromEntries(Object.entries(pairs(metadata ?? [])).map(([key, value]) => [key, [value]]));
        const found = await Array.fromAsync(
          client.all.listFiles({
            parent,
            fields: "id,name,type,size,modified_on",
            ...(name ? { name } : {}),
            ...(tag ? { tag } : {}),
            ...(metadata ? { metadata: wanted } : {}),
          }),
        );
        output.show(found, () =>
          table(
            ["ID", "SIZE", "MODIFIED", "NAME"],
            found.map((each) => [
              each.id,
              size(each.size),
              each.modified_on,
              each.type === "folder" ? `${each.name}/` : each.name,
            ]),
            "Nothing is there.",
          ),
        );
      }),
    );
  file
    .command("show <file>")
    .description("show a file or folder")
    .addHelpText("after", examples("file show ana/reef/reads/s1.fastq"))
    .action(
      withSession(async ({ client, output }, path: string) => {
        const { fileIdOf } = await import("./places.ts");
        const found = await client.getFile({ file: await fileIdOf(client, path) });
        output.show(found, () =>
          record({
            id: found.id,
            name: found.name,
            type: found.type,
            size: found.size === undefined ? undefined : `${size(found.size)} (${found.size} bytes)`,
            project: found.project,
            created: found.created_on,
            modified: found.modified_on,
            ...(found.storage?.type === "VOLUME" ? { volume: found.storage.volume, location: found.storage.location } : {}),
            "made by task": found.origin?.task,
            tags: found.tags?.length ? found.tags : undefined,
            ...found.metadata,
          }),
        );
      }),
    );
  file
    .command("mkdir <path>")
    .description("make a folder, and those above it")
    .addHelpText("after", examples("file mkdir ana/reef/reads/2026"))
    .action(
      withSession(async ({ client, output }, path: string) => {
        const { ensureFolders, projectNamed } = await import("./places.ts");
        const [owner, project, ...names] = path.replace(/\/+$/, "").split("/");
        const { root_folder } = await client.getProject(projectNamed(`${owner}/${project ?? ""}`));
        const id = await ensureFolders(client, root_folder, names);
        output.show({ id }, () => id);
      }),
    );
  file
    .command("rm <files...>")
    .description("delete files, and folders with --recursive")
    .option("-r, --recursive", "folders with everything in them")
    .addHelpText("after", examples("file rm ana/reef/old.fastq", "file rm -r ana/reef/reads"))
    .action(
      withSession(async ({ client, output }, paths: string[], { recursive }) => {
        const { fileIdOf } = await import("./places.ts");
        const { remove } = await import("./removal.ts");
        const removed: string[] = [];
        for (const path of paths) removed.push(...(await remove(client, await fileIdOf(client, path), recursive === true)));
        output.show({ deleted: removed }, () => `${removed.length} deleted.`);
      }),
    );
  fileTrashCommands(file);
  moveCommands(file);
  labelCommands(file);
}

function moveCommands(file: Command): void {
  file
    .command("mv <file> <folder>")
    .description("move a file or folder within its project")
    .option("--name <name>", "rename it, too")
    .addHelpText("after", examples("file mv ana/reef/s1.fastq ana/reef/reads", "file mv ana/reef/a.txt ana/reef --name b.txt"))
    .action(
      withSession(async ({ client, output }, path: string, folder: string, { name }) => {
        const { fileIdOf } = await import("./places.ts");
        const { moveTo } = await import("./moving.ts");
        const moved = await moveTo(client, await fileIdOf(client, path), await fileIdOf(client, folder), name);
        output.show(moved, () => `${moved.id} is ${moved.name} now.`);
      }),
    );
  file
    .command("cp <file> <place>")
    .description("copy a file to a project or folder")
    .option("--name <name>", "the copy's name")
    .addHelpText(
      "after",
      examples("file cp ana/reef/s1.fastq ben/lake", "file cp ana/reef/s1.fastq ana/reef/backup --name s1-old.fastq"),
    )
    .action(
      withSession(async ({ client, output }, path: string, place: string, { name }) => {
        const { fileIdOf } = await import("./places.ts");
        const body = { parent: await fileIdOf(client, place), ...(name === undefined ? {} : { name }) };
        const copy = await client.copyFile({ file: await fileIdOf(client, path), body });
        output.show(copy, () => `${copy.id} ${copy.name}`);
      }),
    );
}

function labelCommands(file: Command): void {
  file
    .command("metadata <file> [key=value...]")
    .description("show metadata, or set some; key= removes a key")
    .option("--replace", "remove what is not given")
    .addHelpText(
      "after",
      examples("file metadata ana/reef/s1.fastq", "file metadata ana/reef/s1.fastq sample_id=S7 paired_end=1"),
    )
    .action(
      withSession(async ({ client, output }, path: string, given: string[], { replace }) => {
        const { fileIdOf } = await import("./places.ts");
        const { changes } = await import("./metadata.ts");
        const id = await fileIdOf(client, path);
        const body = changes(given);
        const metadata =
          given.length === 0 && !replace
            ? await client.getFileMetadata({ file: id })
            : await (replace ? client.replaceFileMetadata : client.updateFileMetadata)({ file: id, body });
        output.show(metadata, () => record(metadata) || "No metadata.");
      }),
    );
  file
    .command("tags <file> [tags...]")
    .description("show tags, or set them all")
    .option("--clear", "remove all tags")
    .addHelpText("after", examples("file tags ana/reef/s1.fastq", "file tags ana/reef/s1.fastq raw 2026"))
    .action(
      withSession(async ({ client, output }, path: string, given: string[], { clear }) => {
        const { fileIdOf } = await import("./places.ts");
        const id = await fileIdOf(client, path);
        const tags =
          given.length === 0 && !clear
            ? await client.getFileTags({ file: id })
            : await client.replaceFileTags({ file: id, body: given });
        output.show(tags, () => tags.join("\n") || "No tags.");
      }),
    );
}
