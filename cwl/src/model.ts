/**
 * The compiled form of CWL: what the loader produces and everything after it reads. Plain, serializable data
 * with the semantics of v1.2; how a v1.0 or v1.1 document differs is written out by the loader as explicit
 * fields, so nothing after the loader asks for a version, except where `cwlVersion` is named as the reason.
 */

/** A CWL value as jobs, expressions and outputs see it. */
export type Value =
  | null
  | boolean
  | number
  /** A whole number beyond 2^53 (`long.ts`); smaller ones are numbers. */
  | bigint
  | string
  | FileValue
  | DirectoryValue
  | readonly Value[]
  | { readonly [key: string]: Value };
export type Inputs = { readonly [port: string]: Value };
export type Outputs = { readonly [port: string]: Value };

/** CWL v1.2 §File, plus the platform's `metadata` (execution-hints.md §4). `size` in bytes; `checksum` is `sha1$` + 40 hex digits. */
export interface FileValue {
  class: "File";
  location?: string;
  path?: string;
  basename?: string;
  dirname?: string;
  nameroot?: string;
  nameext?: string;
  checksum?: string;
  size?: number;
  format?: string;
  contents?: string;
  secondaryFiles?: (FileValue | DirectoryValue)[];
  metadata?: { [key: string]: Value };
}

/** CWL v1.2 §Directory. */
export interface DirectoryValue {
  class: "Directory";
  location?: string;
  path?: string;
  basename?: string;
  listing?: (FileValue | DirectoryValue)[];
  metadata?: { [key: string]: Value };
}

/** Text that may hold `$(…)` or `${…}`; see `expressions/`. */
export type Expression = string;

export type PrimitiveType = "null" | "boolean" | "int" | "long" | "float" | "double" | "string" | "File" | "Directory" | "Any";

/** A type with every name resolved: `X?`, `X[]` and SchemaDef references are written out. A list is a union. */
export type CwlType = PrimitiveType | ArrayType | RecordType | EnumType | CwlType[];
export interface ArrayType {
  type: "array";
  items: CwlType;
  name?: string;
  label?: string;
  inputBinding?: InputBinding;
}
export interface RecordType {
  type: "record";
  fields: RecordField[];
  name?: string;
  label?: string;
  inputBinding?: InputBinding;
}
export interface EnumType {
  type: "enum";
  symbols: string[];
  name?: string;
  label?: string;
  inputBinding?: InputBinding;
}

/** What File-typed ports and record fields share. */
export interface FileTraits {
  secondaryFiles?: SecondaryFile[];
  streamable?: boolean;
  /** Resolved format IRIs or expressions. */
  format?: Expression[];
  loadContents?: boolean;
  loadListing?: LoadListing;
}
/** `required` absent: true on inputs, false on outputs (v1.1 and later; the loader writes it out). */
export interface SecondaryFile {
  pattern: Expression;
  required: boolean | Expression;
}
export type LoadListing = "no_listing" | "shallow_listing" | "deep_listing";

export interface RecordField extends FileTraits {
  name: string;
  type: CwlType;
  label?: string;
  doc?: string;
  inputBinding?: InputBinding;
  outputBinding?: OutputBinding;
}

export interface InputBinding {
  /** An integer or an expression that gives one. */
  position?: number | Expression;
  prefix?: string;
  separate?: boolean;
  itemSeparator?: string;
  valueFrom?: Expression;
  shellQuote?: boolean;
  /** Of the type of array items and of record fields; that of a port is the port's own. Before v1.1 it has no other place. */
  loadContents?: boolean;
}
export interface OutputBinding {
  glob?: Expression[];
  loadContents?: boolean;
  loadListing?: LoadListing;
  outputEval?: Expression;
}

export interface InputPort extends FileTraits {
  /** Short id: `reads`, without document or process. */
  id: string;
  type: CwlType;
  label?: string;
  doc?: string;
  default?: Value;
  inputBinding?: InputBinding;
  /** Vendor keys (`sbg:fileTypes`, …), untouched. */
  extensions?: { [key: string]: unknown };
}
export interface OutputPort extends FileTraits {
  id: string;
  type: CwlType;
  label?: string;
  doc?: string;
  outputBinding?: OutputBinding;
  extensions?: { [key: string]: unknown };
}

/** A requirement or hint with its expressions unevaluated; a class at most once. Unknown hints stay in `other`. */
export interface Requirements {
  inlineJavascript?: { expressionLib: string[] };
  docker?: {
    dockerPull?: string;
    dockerLoad?: string;
    dockerFile?: string;
    dockerImport?: string;
    dockerImageId?: string;
    dockerOutputDirectory?: string;
  };
  software?: { packages: unknown[] };
  initialWorkDir?: { listing: Expression | WorkDirEntry[] };
  envVar?: { name: string; value: Expression }[];
  shellCommand?: true;
  resource?: {
    [K in "coresMin" | "coresMax" | "ramMin" | "ramMax" | "tmpdirMin" | "tmpdirMax" | "outdirMin" | "outdirMax"]?:
      | number
      | Expression;
  };
  workReuse?: { enableReuse: boolean | Expression };
  networkAccess?: { networkAccess: boolean | Expression };
  inplaceUpdate?: { inplaceUpdate: boolean };
  toolTimeLimit?: { timelimit: number | Expression };
  loadListing?: { loadListing: LoadListing };
  scatterFeature?: true;
  subworkflowFeature?: true;
  multipleInputFeature?: true;
  stepInputExpression?: true;
  cuda?: { [key: string]: Value };
  mpi?: { [key: string]: Value };
  /** Requirements and hints of other namespaces, by class, as written (`sbg:AWSInstanceType`, `cwltool:…`). */
  other?: { class: string; [key: string]: unknown }[];
}
/** One entry of InitialWorkDirRequirement: a Dirent, a File or Directory literal, or an expression giving any of them. */
export type WorkDirEntry =
  | Expression
  | { entry: Expression | Value; entryname?: Expression; writable?: boolean }
  | FileValue
  | DirectoryValue;

export type CwlVersion = "v1.0" | "v1.1" | "v1.2";

interface ProcessBase {
  /** `file.cwl#main` form, unique in the compiled document; short name after the last `#` or `/`. */
  id: string;
  /** The version the process was written in (draft-2 reads as v1.0): a few run-time rules ask for it. */
  cwlVersion: CwlVersion;
  label?: string;
  doc?: string;
  inputs: InputPort[];
  outputs: OutputPort[];
  /** Effective: what the surrounding workflows and steps add is already merged in (v1.2 §Requirements and hints). */
  requirements: Requirements;
  hints: Requirements;
  /** Where it was written, for messages. */
  source?: { file: string; line: number; column: number };
  /** Where the texts with JavaScript in it, and its libraries, were written, by the text: the line of each of its lines. */
  scripts?: { [text: string]: { file: string; lines: number[] } };
  extensions?: { [key: string]: unknown };
}

export interface CommandLineTool extends ProcessBase {
  class: "CommandLineTool";
  baseCommand: string[];
  arguments: (Expression | (InputBinding & { valueFrom: Expression }))[];
  stdin?: Expression;
  /** Set whenever an output needs it: a missing name of `type: stdout` is filled in by the loader. */
  stdout?: Expression;
  stderr?: Expression;
  successCodes: number[];
  temporaryFailCodes: number[];
  permanentFailCodes: number[];
}
export interface ExpressionTool extends ProcessBase {
  class: "ExpressionTool";
  expression: Expression;
}
/** Has ports but nothing to run: running it is an error that says so. */
export interface AbstractOperation extends ProcessBase {
  class: "Operation";
}

export type LinkMerge = "merge_nested" | "merge_flattened";
export type PickValue = "first_non_null" | "the_only_non_null" | "all_non_null";
export type ScatterMethod = "dotproduct" | "nested_crossproduct" | "flat_crossproduct";

/** Where a step input or workflow output comes from: a workflow input (`step` absent) or a step's output. */
export interface PortSource {
  step?: string;
  port: string;
}

export interface StepInput extends Pick<FileTraits, "loadContents" | "loadListing"> {
  id: string;
  source: PortSource[];
  /** True when `source` was written as a list: one source in a list still makes a list of one when merged. */
  sourceIsList: boolean;
  linkMerge?: LinkMerge;
  pickValue?: PickValue;
  default?: Value;
  valueFrom?: Expression;
}
export interface Step {
  /** Short id. */
  id: string;
  label?: string;
  in: StepInput[];
  out: string[];
  run: Process;
  when?: Expression;
  /** Ids of `in` that are scattered over; empty: no scatter. */
  scatter: string[];
  scatterMethod?: ScatterMethod;
  /** The step's own effective requirements and hints (for its expressions and the platform's instance hints). */
  requirements: Requirements;
  hints: Requirements;
}
export interface WorkflowOutput extends OutputPort {
  outputSource: PortSource[];
  sourceIsList: boolean;
  linkMerge?: LinkMerge;
  pickValue?: PickValue;
}
export interface Workflow extends ProcessBase {
  class: "Workflow";
  outputs: WorkflowOutput[];
  steps: Step[];
}
export type Process = CommandLineTool | ExpressionTool | AbstractOperation | Workflow;

/** A loaded document: one process to run, and what its `$schemas` say about formats. */
export interface CompiledDocument {
  process: Process;
  /** For each format IRI, the IRIs it is a subclass of or equivalent to (transitively closed). */
  formats: { [iri: string]: string[] };
  namespaces: { [prefix: string]: string };
}

/** What an expression sees as `runtime`; sizes in MiB. */
export interface Runtime {
  cores: number;
  ram: number;
  outdir: string;
  tmpdir: string;
  outdirSize: number;
  tmpdirSize: number;
  exitCode?: number;
}

/** Evaluates expressions; see `expressions/`. */
export interface Evaluator {
  /**
   * The value of `text`: itself when it holds no expression, the bare value of a sole `$(…)` or `${…}`, else a string
   * with the values interpolated (CWL v1.2 §Expressions). The context is never modified.
   *
   * @throws ExpressionError naming the expression, what went wrong, and the limit that was hit if one was.
   */
  evaluate(text: Expression, context: ExpressionContext): Promise<Value>;
}
export interface ExpressionContext {
  inputs: Inputs;
  self: Value;
  runtime?: Partial<Runtime>;
  /** Absent: JavaScript is not allowed here, only parameter references. */
  javascript?: { expressionLib: string[] } | undefined;
  /** How a message about the expression names its place. */
  explain?: (error: { message: string; expression: string; line: number | undefined; library: number | undefined }) => string;
  /** The process's own version: before v1.2 a backslash outside of expressions hid the next character, whatever it was. */
  cwlVersion?: CwlVersion;
  /**
   * Keep the blanks around the text: for the `entry` of a Dirent, which is a file's content. Elsewhere they are cut, as
   * every runner does: a block scalar in YAML ends with a line feed that nobody meant.
   */
  keepsWhitespace?: boolean;
}
