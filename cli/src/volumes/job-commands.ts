import type { Command } from "commander";
import { examples, withSession } from "../command.ts";

/** Imports from volumes and exports to them. */
export function volumeJobCommands(program: Command): void {
  program
    .command("import [volume] [location...]")
    .description(
      "import objects of a volume: each becomes a file whose bytes stay on the volume; a location that ends in a slash is a folder",
    )
    .option("--to <place>", "project or folder for the new files")
    .option("--name <name>", "the name of the new file (for a single location)")
    .option("--overwrite", "replace files of the same name")
    .option("--autorename", "where a name is taken, put a prefix before the new one: _1_name")
    .option("--flat", "put all files of a folder directly into --to, without its folders")
    .option("--manifest <file>", "CSV with a header: volume, location, to, name")
    .option("--wait", "wait until all have ended; exit code 1 if one failed")
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
    .description("write files to a volume; their bytes lie there from then on")
    .option("--to <volume>", "the volume, and a folder on it: owner/name/folder")
    .option("--location <location>", "location on the volume (for a single file)")
    .option("--overwrite", "replace objects that are there")
    .option("--copy-only", "write a copy; the bytes of the files stay on the platform, too")
    .option("--manifest <file>", "CSV with a header: file, volume, location")
    .option("--wait", "wait until all have ended; exit code 1 if one failed")
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
