// The import rules of the house (docs/architecture.md), checked by `npm run check`.
const parts = ["contract", "cwl", "executors", "storage"];
const partsAndAgent = [...parts, "agent"];
const within = (...folders) => `^(${folders.join("|")})/`;
// Workspaces import each other by package name; dependency-cruiser sees the files these resolve to.

/** What a part may import of ours, beside itself. */
const mayImport = {
  contract: [],
  cwl: [],
  executors: [],
  storage: [],
  agent: parts,
  server: partsAndAgent,
  cli: ["contract", "cwl", "executors", "agent"],
  web: ["contract"],
  bench: [...partsAndAgent, "server", "cli"],
  scripts: ["contract", "executors", "server"],
};
const all = Object.keys(mayImport);

const betweenParts = Object.entries(mayImport).map(([part, allowed]) => ({
  name: `${part}-imports-only-${allowed.join("-") || "itself"}`,
  severity: "error",
  from: { path: within(part) },
  to: { path: within(...all.filter((other) => other !== part && !allowed.includes(other))) },
}));

/** Folders of server/src that serve every feature and know none. */
const plumbing = "http|db|queue";
/** What belongs to one feature alone: its SQL, its HTTP, the shapes it shows. The rest of it others may call. */
const inner = "[a-z-]*(queries|routes|present)";
/** Files beside the features that know the whole: they start it. */
const whole = "^server/src/(wiring/[^/]+|main|serve|index|settings)\\.ts$";

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...betweenParts,
    {
      name: "packages-are-entered-by-their-index",
      comment:
        "another package is imported by its name, not by a path into its files (parts that a thread or a client needs alone have a name of their own); benchmarks measure inner parts, too",
      severity: "error",
      from: { path: "^([^/]+)/", pathNot: "^bench/" },
      to: {
        path: within(...all),
        pathNot: ["^$1/", "^[^/]+/src/(index|client-exports|s3|exact-json|fields|testing/index)\\.ts$"],
      },
    },
    {
      name: "clients-load-no-shapes",
      comment:
        "a command starts twice as fast without them, and a page of the UI stays small: @causeway/contract/client has their types",
      severity: "error",
      from: { path: "^(cli|web)/src/", pathNot: "\\.test\\.ts$" },
      to: { path: "^contract/", pathNot: "^contract/src/client-exports\\.ts$", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "plumbing-knows-no-feature",
      comment: "http, db and queue serve every feature and know none",
      severity: "error",
      from: { path: `^server/src/(${plumbing})/`, pathNot: "\\.test\\.ts$" },
      to: { path: "^server/src/", pathNot: `^server/src/(${plumbing})/` },
    },
    {
      name: "a-feature-keeps-its-queries-to-itself",
      comment: "a feature calls another feature's service, never its queries, routes or presentation",
      severity: "error",
      from: { path: "^server/src/([^/]+)/", pathNot: "^server/src/(testing|wiring)/|\\.test\\.ts$" },
      to: { path: `^server/src/[^/]+/${inner}\\.ts$`, pathNot: "^server/src/$1/" },
    },
    {
      name: "only-the-top-knows-the-whole",
      comment: "wiring/ builds everything; nothing inside a feature reaches back up to it",
      severity: "error",
      from: { path: "^server/src/[^/]+/", pathNot: "\\.test\\.ts$|^server/src/(testing|wiring)/" },
      to: { path: "^server/src/(wiring/[^/]+|main|serve|index)\\.ts$" },
    },
    {
      name: "only-wiring-imports-everything",
      severity: "error",
      from: { path: "^server/src/[^/]+\\.ts$", pathNot: ["^server/src/index\\.ts$", "\\.test\\.ts$"] },
      to: { path: "^server/src/[^/]+/.*(routes|queries|service)\\.ts$" },
    },
    {
      name: "tests-are-not-imported",
      severity: "error",
      from: {},
      to: { path: "\\.test\\.ts$" },
    },
    { name: "no-cycles", comment: "of types neither", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      comment: "a file that nothing imports and that imports nothing is left over",
      severity: "error",
      from: {
        orphan: true,
        pathNot: ["\\.d\\.ts$", "\\.test\\.ts$", whole, "^scripts/", "^web/(src/(main\\.tsx|frame\\.ts)|vite\\.config\\.ts)$"],
      },
      to: {},
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "declared",
      comment: "what a package imports is in its own package.json",
      severity: "error",
      from: { pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/(testdata|fixtures|dist)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".json"],
    },
  },
};
