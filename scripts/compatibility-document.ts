// Part of `npm run check`: docs/compatibility.md is what the contract's comparisons and the record of what clients proved
// (clients/proved.tsv) make of it, and every operation is proved.
//   node scripts/compatibility-document.ts           fails when the page is not up to date
//   node scripts/compatibility-document.ts --write   writes it
import { readFileSync, writeFileSync } from "node:fs";
import {
  API_ERRORS,
  COMPARISONS,
  type Comparison,
  EVERY_CALL,
  NOT_SERVED,
  OPERATIONS,
  type Operation,
} from "../contract/src/index.ts";

const DOCUMENT = "docs/compatibility.md";
const RECORD = "clients/proved.tsv";

/** What of the page covers which operations, in the order of the reference. */
const SECTIONS: { title: string; tags: Operation["tag"][] }[] = [
  { title: "General", tags: ["general"] },
  { title: "Users", tags: ["users"] },
  { title: "Billing", tags: ["billing"] },
  { title: "Projects and members", tags: ["projects"] },
  { title: "Divisions and teams", tags: ["divisions", "teams"] },
  { title: "Files and folders", tags: ["files"] },
  { title: "Bulk calls", tags: ["bulk"] },
  { title: "Asynchronous jobs on files", tags: ["async"] },
  { title: "Search", tags: ["search"] },
  { title: "Genome markers", tags: ["markers"] },
  { title: "Volumes", tags: ["volumes"] },
  { title: "Uploads", tags: ["uploads"] },
  { title: "Apps", tags: ["apps"] },
  { title: "Tasks", tags: ["tasks"] },
];

/** The clients of the record by what a table calls them. */
const CLIENTS = { "sevenbridges-python": "python", sbpack: "sbpack", sevenbridges2: "R", schemathesis: "fuzzer" } as const;

/** Any call can answer these; a table names what is beside them. */
const ANYWHERE = new Set([0, 1000, 90000, 90001, 90003, 90004, 90005, 90006, 90008, 90009]);

/** Of the block of volumes, and what comes with them. */
const OF_VOLUMES = (code: number) => (code >= 9000 && code < 10_000) || code === 5034 || code === 90011;

interface Proof {
  readonly clients: readonly string[];
  readonly codes: readonly number[];
}

const operations: readonly Operation[] = Object.values(OPERATIONS);
const comparisons: Readonly<Record<string, Comparison>> = COMPARISONS;
const proofs = readProofs();

const problems = [
  ...operations.filter(({ id }) => !isProved(id)).map(({ id }) => `${RECORD}: nothing proves ${id}`),
  ...[...proofs.keys()].filter((id) => !(id in OPERATIONS)).map((id) => `${RECORD}: there is no operation ${id}`),
  ...NOT_SERVED.flatMap(({ calls }) => calls.flatMap(spelledOut).filter(isServed)).map(
    (call) => `${call} is served, but said not to be`,
  ),
];
const page = document();
if (process.argv.includes("--write")) writeFileSync(DOCUMENT, page);
else if (readFileSync(DOCUMENT, "utf8") !== page)
  problems.push(`${DOCUMENT} is not up to date: node scripts/compatibility-document.ts --write`);
for (const problem of problems) {
  console.error(problem);
  process.exitCode = 1;
}

function document(): string {
  const counts = Object.groupBy(operations, ({ id }) => standing(comparisons[id]!));
  const calledBy = (client: string) => operations.filter(({ id }) => proofs.get(id)?.clients.includes(client)).length;
  return `# The same, and what differs

<!-- Made by scripts/compatibility-document.ts from contract/src/compatibility/ and clients/proved.tsv: change those. -->

Causeway answers the calls of the Seven Bridges Platform API v2, as far as public sources describe it: the vendor's OpenAPI
document and pages, its clients, and published answers. This page says of every call what is the same and what is not:
**differs** is what a script can notice; **chosen** is what happens here where no public source says what happens there.

| calls | |
| ---: | --- |
| ${operations.length} | are served |
| ${counts.same?.length ?? 0} | the same: nothing is known to differ |
| ${counts["same, choices"]?.length ?? 0} | the same as far as sources tell, with choices where they do not |
| ${counts.differs?.length ?? 0} | with a difference that a script can notice |
| ${counts.added?.length ?? 0} | that no source documents |
| ${NOT_SERVED.flatMap(({ calls }) => calls.flatMap(spelledOut)).length} | [not served](#not-served) |

**What proves it.** A call is named here as proved by a client when that client, as it is published, made it against a real
platform and got what it wanted, in a run without a failing test; \`npm run clients\` fails when it does not any more.

| client | | calls |
| --- | --- | ---: |
| python | [sevenbridges-python](https://pypi.org/project/sevenbridges-python/) ${pinned("clients/python/requirements.txt", "sevenbridges-python")}, unmodified | ${calledBy("sevenbridges-python")} |
| sbpack | [sbpack](https://pypi.org/project/sbpack/) ${pinned("clients/python/requirements.txt", "sbpack")} with sbpull, sbcopy, sbmanifest and sbpack_nf, unmodified | ${calledBy("sbpack")} |
| R | the requests of sevenbridges2, replayed byte for byte; R itself is not run | ${calledBy("sevenbridges2")} |
| fuzzer | [schemathesis](https://pypi.org/project/schemathesis/) ${pinned(".ci/stages/55-fuzz.sh", "schemathesis")}: values of all kinds, and every answer as our OpenAPI document says | ${calledBy("schemathesis")} |

Our own tests call every operation over HTTP as eight kinds of user, with values of every wrong kind, and raise every code of
the published error table by a real condition but those of volumes. The column "errors" has the codes that these tests were
answered by the call, beside those that any call can answer (${[...ANYWHERE].join(", ")}, and the \`x000\` of a closed service). The
\`sb\` command line is closed source and has not been tried.

## Every call

${notesOf(EVERY_CALL).join("\n")}
${SECTIONS.map(section).join("")}
## Not served

A call of these answers 404 with code 90003, as any path that there is not.

${NOT_SERVED.map(({ title, calls, why }) => `**${title}.** ${why}\n\n${calls.map((call) => `- \`${call}\``).join("\n")}\n`).join("\n")}
## Codes that no call was answered

${unraised()}

## Beside the API

What Causeway has and the Seven Bridges API does not is kept out of \`/v2\`: \`/operator\` for those who run the platform (users
and tokens, divisions, billing groups, prices, maintenance, feedback), \`/docs\` and \`/v2/openapi.json\` (the API describes
itself), \`/healthz\`, \`/readyz\`, \`/metrics\`, and \`/storage\`, where signed links lead.

GA4GH's Data Repository Service, which the vendor serves on a host of its own, is at \`/ga4gh/drs/v1\` of this one: DRS 1.5
with what 1.2 and 1.4 have, by the same tokens (\`X-SBG-Auth-Token\` or \`Authorization: Bearer\`). Every answer is held in our
tests against GA4GH's own documents of the three versions. Where the vendor's page and the standard differ (\`size\` as a text,
one checksum in place of a list), it is as the standard says. A folder is a bundle. What may not be read is 404. Errors are
GA4GH's \`{"msg", "status_code"}\`. A checksum of type \`etag\` stands where nobody has read all bytes of a file yet, and for files
on volumes. Passports are not looked at; objects are registered, changed and deleted by the API alone.
`;
}

function section({ title, tags }: (typeof SECTIONS)[number]): string {
  const calls = operations.filter(({ tag }) => tags.includes(tag));
  const rows = calls.map((operation) => {
    const { clients, codes } = proofs.get(operation.id) ?? { clients: [], codes: [] };
    const names = Object.entries(CLIENTS).flatMap(([client, name]) => (clients.includes(client) ? [name] : []));
    const own = codes.filter((code) => !ANYWHERE.has(code) && !(code < 10_000 && code % 1000 === 0));
    return `| ${callOf(operation)} | ${standing(comparisons[operation.id]!)} | ${names.join(", ") || "own tests"} | ${own.join(", ")} |`;
  });
  const notes = calls.flatMap((operation) => {
    const lines = notesOf(comparisons[operation.id]!);
    return lines.length > 0 ? [`${callOf(operation)}\n\n${lines.join("\n")}\n`] : [];
  });
  const head = "| call | | proved by | errors |\n| --- | --- | --- | --- |";
  return `\n## ${title}\n\n${head}\n${rows.join("\n")}\n\n${notes.join("\n")}`;
}

function notesOf({ differs = [], chosen = [], added }: Comparison): string[] {
  return [
    ...(added === undefined ? [] : [`- **Added.** ${added}`]),
    ...differs.map((note) => `- **Differs.** ${note}`),
    ...chosen.map((note) => `- **Chosen.** ${note}`),
  ];
}

function callOf({ method, path, aliases = [] }: Operation): string {
  return [`${method} ${path}`, ...aliases].map((each) => `\`${each}\``).join(" or ");
}

function standing({ differs, chosen, added }: Comparison): "added" | "differs" | "same, choices" | "same" {
  if (added) return "added";
  if (differs?.length) return "differs";
  return chosen?.length ? "same, choices" : "same";
}

/** Codes of the contract that no test was answered; of those that never come, docs/errors.md says why. */
function unraised(): string {
  const raised = new Set([...proofs.values()].flatMap(({ codes }) => codes));
  const missing = [...new Set(Object.values(API_ERRORS).map(({ code }) => code))].filter((code) => !raised.has(code));
  const others = missing.filter((code) => !OF_VOLUMES(code)).sort((a, b) => a - b);
  return `Some of imports and exports (of 9000-9109, 5034 and 90011), and in our tests ${others.join(", ")}. Some of them come from beside the calls: a
wrong method, an altered link, the operator's API. [errors.md](errors.md) says of every code what raises it, or why nothing does.`;
}

function readProofs(): Map<string, Proof> {
  const [, ...lines] = readFileSync(RECORD, "utf8").trimEnd().split("\n");
  return new Map(
    lines.map((line) => {
      const [id = "", clients = "", codes = ""] = line.split("\t");
      return [id, { clients: clients.split(" ").filter(Boolean), codes: codes.split(" ").filter(Boolean).map(Number) }];
    }),
  );
}

function isProved(id: string): boolean {
  const proof = proofs.get(id);
  return proof !== undefined && proof.clients.length + proof.codes.length > 0;
}

/** `GET|POST /x` as `GET /x` and `POST /x`. */
function spelledOut(call: string): string[] {
  const [methods, path] = call.split(" ") as [string, string];
  return methods.split("|").map((method) => `${method} ${path}`);
}

function isServed(call: string): boolean {
  const shape = (path: string) => path.replace(/\{\w+\}/g, "{}");
  return operations.some(({ method, path, aliases = [] }) =>
    [path, ...aliases].some((each) => shape(call) === `${method} ${shape(each)}`),
  );
}

/** The version of a package in a file that has it as `package==version`. */
function pinned(file: string, name: string): string {
  const version = readFileSync(file, "utf8").match(new RegExp(`\\b${name}==([\\d.]+\\d)`))?.[1];
  if (version === undefined) throw new Error(`${file} has no version of ${name}`);
  return version;
}
