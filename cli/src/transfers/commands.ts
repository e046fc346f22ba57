import type { Command } from "commander";
import { examples, repeatable, withSession } from "../command.ts";

/** Bytes up and down. */
export function transferCommands(program: Command): void {
  program
    .command("upload <files...>")
    .description(
      "upload files and, with --recursive, directories; an interrupted upload goes on where it was when the same command runs again",
    )
    .option("--project <owner/project>", "to the top of this project")
    .option("--parent <folder>", "to this folder: id or path")
    .option("--name <name>", "the name on the platform, for a single file")
    .option("-r, --recursive", "directories, as folders with everything in them; implies --skip-existing")
    .option("--skip-existing", "leave files that are there with the same name and size")
    .option("--overwrite", "replace files of the same name")
    .option("--metadata <key=value>", "set on every file; may be repeated", repeatable)
    .option("--manifest <file>", "CSV: first column `File name`, the others are metadata keys")
    .option("--no-meta", "upload FILE.meta like any file (default: JSON metadata of the FILE beside it)")
    .option("--part-size <MiB>", "size of a part, from 5 (default: the platform's choice)")
    .option("--parts <number>", "parts of a file to send at once", "4")
    .addHelpText(
      "after",
      examples(
        "upload reads_1.fastq.gz reads_2.fastq.gz --project ana/reef",
        "upload s7.bam --parent ana/reef/aligned --metadata sample_id=S7 --overwrite",
        "upload *.fastq.gz --project ana/reef --manifest manifest.csv",
        "upload -r run7 --parent ana/reef/runs",
        "upload -r run7/. --project ana/reef      what is in it, without a folder run7",
      ),
    )
    .action(
      withSession(async (session, paths: string[], options) => {
        const { uploadAll } = await import("./upload-command.ts");
        await uploadAll(session, paths, options);
      }),
    );
  program
    .command("download <files...>")
    .description("download files, and folders with everything in them, by id or path; goes on where it was interrupted")
    .option("-o, --output <directory>", "where to put them", ".")
    .option("--skip-existing", "leave local files of the same name and size; always so in folders")
    .option("--overwrite", "replace local files of the same name")
    .option("--meta", "write each file's metadata beside it: FILE.meta, JSON")
    .addHelpText(
      "after",
      examples("download ana/reef/s7.bam -o results", "download ana/reef/runs -o . --meta", "download 5f3c1b7ae4b0a1c2d3e4f506"),
    )
    .action(
      withSession(async (session, paths: string[], options) => {
        const { downloadAll } = await import("./download-command.ts");
        await downloadAll(session, paths, options);
      }),
    );
}
