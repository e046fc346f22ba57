import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Three pipelines of real programs (Debian: bwa samtools bcftools fastqc unzip) on the reads that Debian's samtools
// brings as an example: 1.5 kb of two human regions with 3,000 reads. Each result is held against the same programs
// started by hand. Usage: node cwl/pipelines/run.ts
const EXAMPLES = process.env.SAMTOOLS_EXAMPLES ?? "/usr/share/doc/samtools/examples";
const here = new URL("./", import.meta.url).pathname;
const runner = new URL("../../cli/bin/causeway-cwl-runner", import.meta.url).pathname;
const work = mkdtempSync(join(tmpdir(), "pipelines-"));
const inWork = (name: string) => join(work, name);
const shell = (command: string) =>
  execFileSync("bash", ["-e", "-o", "pipefail", "-c", command], {
    cwd: work,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });

interface OutputFile {
  path: string;
  secondaryFiles?: OutputFile[];
}

let passed = 0;
let failed = 0;
try {
  copyFileSync(`${EXAMPLES}/ex1.fa`, inWork("ex1.fa"));
  shell(
    `samtools view -b -t <(samtools faidx ex1.fa && cat ex1.fa.fai) ${EXAMPLES}/ex1.sam.gz > ex1.bam && samtools fastq ex1.bam > reads.fastq`,
  );
  shell("head -n 4000 reads.fastq > first.fastq && tail -n 4000 reads.fastq > last.fastq");

  const aligned = run("align.cwl", { reference: file("ex1.fa"), reads: file("reads.fastq"), sample: "ex1" });
  check("alignment and sort", () => {
    shell(
      "cp ex1.fa hand.fa && bwa index hand.fa && bwa mem -R '@RG\\tID:ex1\\tSM:ex1' hand.fa reads.fastq | samtools sort -o hand.bam && samtools index hand.bam",
    );
    const alignment = aligned.alignment as OutputFile;
    same(shell(`samtools view ${alignment.path} | sha256sum`), shell("samtools view hand.bam | sha256sum"), "alignments");
    same(readFileSync((aligned.flagstat as OutputFile).path, "utf8"), shell("samtools flagstat hand.bam"), "flagstat");
    if (!alignment.secondaryFiles?.[0]?.path.endsWith(".bai")) throw new Error("the index is not beside the alignment");
  });

  const called = run("call-variants.cwl", { reference: file("ex1.fa"), alignment: aligned.alignment });
  check("variant calling", () => {
    shell("bcftools mpileup --no-version -f ex1.fa hand.bam | bcftools call --no-version -mv -Oz -o hand.vcf.gz");
    const records = (path: string) => shell(`bcftools view -H ${path}`);
    const variants = records((called.variants as OutputFile).path);
    if (variants.trim() === "") throw new Error("no variants were found");
    same(variants, records("hand.vcf.gz"), "variants");
  });

  const quality = run("quality.cwl", { reads: [file("first.fastq"), file("last.fastq")] });
  check("quality with a report", () => {
    shell("mkdir hand && fastqc --outdir hand first.fastq last.fastq");
    const byHand = shell('for name in first last; do unzip -p hand/${name}_fastqc.zip "*/summary.txt"; done');
    same(readFileSync((quality.table as OutputFile).path, "utf8"), byHand, "table");
    if ((quality.pages as OutputFile[]).length !== 2) throw new Error("one page a file is expected");
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function file(name: string) {
  return { class: "File", path: inWork(name) };
}

/** Runs a pipeline and answers its outputs; its log is shown when it fails. */
function run(document: string, inputs: object): Record<string, unknown> {
  const order = inWork(`${document}.json`);
  writeFileSync(order, JSON.stringify(inputs));
  const { status, stdout, stderr } = spawnSync(
    runner,
    ["--no-container", "--outdir", inWork(`${document}.out`), here + document, order],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`${document} failed:\n${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

function check(name: string, verify: () => void): void {
  try {
    verify();
    passed++;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}: ${(error as Error).message}`);
  }
}

function same(ours: string, byHand: string, what: string): void {
  if (ours !== byHand)
    throw new Error(`${what} differ from those made by hand:\n${ours.slice(0, 400)}\n---\n${byHand.slice(0, 400)}`);
}
