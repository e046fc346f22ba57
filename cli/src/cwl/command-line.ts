/** What the user asked for, before the tool is read. */
export interface RunnerOptions {
  tool?: string;
  /** A job order file, `-` for standard input, or nothing. */
  jobOrder?: string;
  /** What follows the tool and is no option of ours: the tool's own inputs. */
  inputArguments: string[];
  outdir: string;
  basedir?: string;
  tmpdirPrefix?: string;
  /** Where results of jobs are kept and found again. */
  cachedir?: string;
  /** Commands run on this host even where the tool names an image. */
  noContainer: boolean;
  /** Which container engine to use; absent: the first that works. */
  engine?: "docker" | "podman" | "singularity" | "apptainer";
  /** How many cores jobs may use together; absent: all. 1 runs one small job at a time. */
  cores?: number;
  /** Keeps what tools print, and what we have to say about progress, to ourselves. */
  quiet: boolean;
  leaveTmpdir: boolean;
  enableNet: boolean;
  /** CWL by the letter: nothing that only the commercial platform's dialect of JavaScript allows. */
  strict: boolean;
  /** Runs jobs that require more cores or memory than there is with what there is. */
  allowFewerResources: boolean;
  action: "run" | "validate" | "make-template" | "help" | "tool-help" | "version";
}

/** A command line that cannot be understood. */
export class UsageError extends Error {}

type Flag = (options: RunnerOptions) => void;
type Setting = (options: RunnerOptions, value: string) => void;

const engine = (name: RunnerOptions["engine"]): Flag => {
  return (options) => {
    options.engine = name;
  };
};
const nothing: Flag = () => {};

const FLAGS: Record<string, Flag> = {
  "--help": (options) => {
    options.action = options.tool === undefined ? "help" : "tool-help";
  },
  "--version": (options) => {
    options.action = "version";
  },
  "--validate": (options) => {
    options.action = "validate";
  },
  "--make-template": (options) => {
    options.action = "make-template";
  },
  "--quiet": (options) => {
    options.quiet = true;
  },
  "--no-container": (options) => {
    options.noContainer = true;
  },
  "--leave-tmpdir": (options) => {
    options.leaveTmpdir = true;
  },
  "--enable-net": (options) => {
    options.enableNet = true;
  },
  "--strict": (options) => {
    options.strict = true;
  },
  "--allow-fewer-resources": (options) => {
    options.allowFewerResources = true;
  },
  "--docker": engine("docker"),
  "--podman": engine("podman"),
  "--singularity": engine("singularity"),
  "--apptainer": engine("apptainer"),
  // What other runners need and we always do.
  "--parallel": nothing,
  "--rm-tmpdir": nothing,
  "--move-outputs": nothing,
  "--enable-dev": nothing,
  "--debug": nothing,
  "--verbose": nothing,
};

const SETTINGS: Record<string, Setting> = {
  "--outdir": (options, value) => {
    options.outdir = value;
  },
  "--basedir": (options, value) => {
    options.basedir = value;
  },
  "--tmpdir-prefix": (options, value) => {
    options.tmpdirPrefix = value;
  },
  "--tmp-outdir-prefix": (options, value) => {
    options.tmpdirPrefix = value;
  },
  "--cachedir": (options, value) => {
    options.cachedir = value;
  },
  "--cores": (options, value) => {
    options.cores = Number(value);
    if (!(options.cores > 0)) throw new UsageError(`--cores needs a number above 0, not ${value}`);
  },
};

/**
 * Reads the standard `cwl-runner` command line: `[options] tool [job order] [--input value …]`. Our options may stand
 * anywhere before the inputs; after the tool, an option we do not know is one of its inputs.
 *
 * @throws UsageError
 */
export function readCommandLine(argv: readonly string[]): RunnerOptions {
  const options: RunnerOptions = {
    inputArguments: [],
    outdir: ".",
    noContainer: false,
    quiet: false,
    leaveTmpdir: false,
    enableNet: false,
    strict: false,
    allowFewerResources: false,
    action: "run",
  };
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at]!;
    const [name = argument, inline] = argument.startsWith("--") ? splitOption(argument) : [argument];
    const flag = FLAGS[name];
    const setting = SETTINGS[name];
    if (flag && inline === undefined) flag(options);
    else if (setting) {
      const value = inline ?? argv[++at];
      if (value === undefined) throw new UsageError(`${name} needs a value`);
      setting(options, value);
    } else if (argument.startsWith("-") && argument !== "-") {
      if (options.tool === undefined) throw new UsageError(`unknown option ${argument}; --help lists the known ones`);
      options.inputArguments = argv.slice(at);
      break;
    } else if (options.tool === undefined) options.tool = argument;
    else if (options.jobOrder === undefined) options.jobOrder = argument;
    else throw new UsageError(`one argument too many: ${argument}`);
  }
  if (options.tool === undefined && !["help", "version"].includes(options.action))
    throw new UsageError("which tool? Give a CWL document");
  return options;
}

export function splitOption(argument: string): [name: string, value?: string] {
  const at = argument.indexOf("=");
  return at < 0 ? [argument] : [argument.slice(0, at), argument.slice(at + 1)];
}

export const HELP = `usage: causeway-cwl-runner [options] TOOL [JOB_ORDER] [--INPUT VALUE ...]

Runs a CWL document (v1.0, v1.1 or v1.2) and prints its output object as JSON on standard output.
TOOL is a path or URL, with #ID for one process of several. JOB_ORDER is a YAML or JSON file, - for standard input.
Inputs can be given as options, too: causeway-cwl-runner TOOL --help lists those of the tool.

  --outdir DIR          where output files go (default: the current directory)
  --basedir DIR         what relative paths of inputs are relative to (default: the job order's directory)
  --tmpdir-prefix PATH  where temporary directories go, and how their names begin
  --cachedir DIR        keep the results of jobs in DIR, and do not run a job again whose tool, image and inputs are
                        the same; standard error says why each one was run or not
  --leave-tmpdir        keep the temporary directories
  --cores N             cores that jobs may use together (default: all; 1 runs small jobs one after another)
  --strict              refuse JavaScript that CWL's strict mode refuses (undeclared variables, one named arguments, octal
                        numbers), and functions that return nothing; else they run, with a warning
  --allow-fewer-resources
                        run a tool that requires more cores or memory than this machine has with what there is
  --no-container        run commands on this host, even of tools that name an image
  --docker | --podman | --singularity | --apptainer
                        the container engine to use (default: the first that works)
  --enable-net          let every tool reach the network
  --quiet               only errors on standard error
  --validate            check the document and run nothing
  --make-template       print a job order to fill in
  --version, --help

Exit status: 0 success, 1 failure, 33 the document needs something that is not supported.
`;
