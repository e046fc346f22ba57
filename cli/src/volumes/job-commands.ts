import type { Command } from "commander";
import { examples, withSession } from "../command.ts";

/** Imports from volumes and exports to them. */
export function volumeJobCommands(program: Command): void {
  program
    .command("import [volume] [location...]")
    .description("make files of objects on a volume; a location that ends in a slash is a folder")
    .option("--to <place>", "the project or folder they go to")
    .option("--name <name>", "another name, of a single one")
    .option("--overwrite", "files that have the names give way")
    .option("--autorename", "taken names get a prefix: _1_name")
    .option("--flat", "of folders: all files directly into the place")
    .option("--manifest <file>", "CSV with a header: volume, location, to, name")
    .option("--wait", "until all have ended; exit 1 if one failed")
    .addHelpText(
      "after",
      examples(
        "import ana/neuro_raw run7/s1.bam --to ana/cortex --wait",
        "import ana/neuro_raw run7/ --to ana/cortex/raw --autorename",
        "import --manifest imports.csv --wait",
      ),
    )
    .action(
      withSession(async (session, volume: string | undefined, locations: string[], options) => {
        const { startImports } = await import("./jobs.ts");
        await startImports(session, { volume, locations, ...options });
      }),
    );
  program
    .command("export [file...]")
    .description("write files to a volume; they become aliases of the objects")
    .option("--to <volume>", "the volume, and a folder on it: owner/name/folder")
    .option("--location <location>", "where on the volume, of a single one")
    .option("--overwrite", "objects that are there are replaced")
    .option("--copy-only", "the files stay as they are")
    .option("--manifest <file>", "CSV with a header: file, volume, location")
    .option("--wait", "until all have ended; exit 1 if one failed")
    .addHelpText(
      "after",
      examples(
        "export ana/cortex/s1.vcf.gz --to ana/neuro_out/vcf --wait",
        "export ana/cortex/s1.vcf.gz --to ana/neuro_out --location 2026/s1.vcf.gz --copy-only",
        "export --manifest exports.csv --wait",
      ),
    )
    .action(
      withSession(async (session, files: string[], options) => {
        const { startExports } = await import("./jobs.ts");
        await startExports(session, { files, ...options });
      }),
    );
}
