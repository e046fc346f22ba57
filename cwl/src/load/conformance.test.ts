import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { DocumentError, formatProblem, load, validate } from "./index.ts";

/** The conformance suite stands beside the repository, or where CWL_CONFORMANCE says. */
const SUITE = process.env.CWL_CONFORMANCE ?? resolve(fileURLToPath(import.meta.url), "../../../../../shared/cwl-conformance");
const skip = existsSync(SUITE) ? false : `there is no ${SUITE}`;

/** Documents of the suite that are wrong in themselves, and a part of what we say about each. cwltool refuses the same ones. */
const REFUSED: { [document: string]: RegExp } = {
  "conditionals/cond-wf-005.cwl": /`def` of type string\[\] does not fit type string/,
  "conditionals/cond-wf-005_nojs.cwl": /`def` of type string\[\] does not fit type string/,
  "mixed-versions/invalid-tool-v10.cwl": /secondaryFiles\[0\]: must be a text or an expression, not a mapping/,
  "mixed-versions/invalid-tool-v11.cwl": /coresMin: must be an integer, not 0\.5/,
  "mixed-versions/invalid-wf-v10.cwl": /field `when` exists since CWL v1\.2, and this document is v1\.0/,
  "mixed-versions/invalid-wf-v11.cwl": /field `when` exists since CWL v1\.2, and this document is v1\.1/,
  "mixed-versions/invalid-wf-v12.cwl": /invalid-tool-v10\.cwl:\d+:\d+: /,
};

test("every document of the conformance suite is accepted or refused as cwltool does", { skip }, async () => {
  const tests = join(SUITE, "tests");
  for (const document of globSync("**/*.cwl", { cwd: tests }).sort()) {
    const errors = (await validate(join(tests, document))).filter(({ severity }) => severity === "error");
    const why = errors.length === 0 ? undefined : errors.map(formatProblem).join("\n");
    const expected = REFUSED[document];
    if (expected === undefined) assert.equal(why, undefined, document);
    else assert.match(why ?? "it loads", expected, document);
  }
});

test("every test that is to succeed loads the process that it names", { skip }, async () => {
  const entries = readSuite(join(SUITE, "conformance_tests.yaml"));
  assert.equal(entries.length, 378);
  for (const { tool, shouldFail } of entries) if (!shouldFail) assert.equal(await refusal(tool), undefined, tool);
});

async function refusal(document: string): Promise<string | undefined> {
  try {
    await load(document);
    return undefined;
  } catch (error) {
    if (error instanceof DocumentError) return error.message;
    throw error;
  }
}

/** The suite's list is YAML of a kind that strict parsers refuse, but its entries are lines of one shape. */
function readSuite(file: string): { tool: string; shouldFail: boolean }[] {
  return readFileSync(file, "utf8")
    .split(/^(?=- )/m)
    .flatMap((entry) => {
      const field = (name: string) => new RegExp(`^(?:- |  )${name}: *(.*?) *$`, "m").exec(entry)?.[1]?.replace(/^"|"$/g, "");
      const imported = field("\\$import");
      if (imported !== undefined) return readSuite(join(dirname(file), imported));
      const tool = field("tool");
      return tool === undefined
        ? []
        : [{ tool: join(dirname(file), tool), shouldFail: /true/i.test(field("should_fail") ?? "") }];
    });
}
