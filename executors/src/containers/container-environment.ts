import { isPlainName, isShellsOwn, quote } from "../process/shell.ts";

/** How a job's environment gets into a container of docker or podman. */
export interface ContainerEnvironment {
  /** The text of an `--env-file`. */
  file: string;
  /** For a shell of the image, where the file cannot hold everything; its arguments are what it becomes in the end. */
  script: string | undefined;
}

/**
 * docker and podman take variables from their own environment, from their arguments, or from a file. Their environment
 * would act on themselves (`LD_PRELOAD`), and arguments can be read by every user of the host. So it is the file, a
 * variable a line. What no line can hold stands in further variables as a script, which a shell of the image carries out.
 *
 * @throws Error for a variable that neither can hold
 */
export function containerEnvironment(engine: "docker" | "podman", env: Record<string, string>): ContainerEnvironment {
  const entries = Object.entries(env);
  if (entries.every(([name, value]) => fitsALine(engine, name, value)))
    return { file: entries.map(([name, value]) => `${name}=${value}`).join("\n"), script: undefined };
  const helper = helperName(env);
  const lines: string[] = [];
  let script = "";
  for (const [name, value] of entries) {
    if (!isPlainName(name)) throw new Error(notPassed(engine, name, entries));
    // A shell does not pass on as they are what it takes for its own.
    if (fitsALine(engine, name, value) && !isShellsOwn(name)) lines.push(`${name}=${value}`);
    else script += `export ${name}=${onOneLine(value, helper)};`;
  }
  const parts = inParts(script).map((part, index) => ({ name: `${helper}${index}`, part }));
  for (const { name, part } of parts) lines.push(`${name}=${part}`);
  const names = parts.map(({ name }) => name);
  return { file: lines.join("\n"), script: carryOut(helper, names) };
}

function notPassed(engine: string, name: string, entries: [string, string][]): string {
  const other = entries.find(([plain, value]) => isPlainName(plain) && !fitsALine("podman", plain, value))?.[0];
  const beside = other === undefined ? "" : ` beside the value of ${other}`;
  return `${engine} cannot give a container the variable ${JSON.stringify(name)}${beside}: names may have letters, digits and _`;
}

/** Beyond 64 KiB docker refuses the file. */
const LONGEST_LINE = 60_000;

/**
 * Whether the engine passes on a line as it stands. Versions of podman differ: for some, quotation marks hold values of
 * several lines, and an empty value means that of the client's own environment.
 */
function fitsALine(engine: "docker" | "podman", name: string, value: string): boolean {
  if (/^#|[\s=]|\*$/.test(name) || /[\r\n\0]/.test(value)) return false;
  if (Buffer.byteLength(name) + Buffer.byteLength(value) > LONGEST_LINE) return false;
  return engine === "docker" || (value !== "" && !/^["'`\s]/.test(value));
}

/** A beginning of names that no variable of the job has. */
function helperName(env: Record<string, string>): string {
  let name = "CAUSEWAY_ENV_";
  while (Object.keys(env).some((other) => other.startsWith(name))) name += "_";
  return name;
}

/** The value in single quotes, line ends apart: they are in variables of the script. */
function onOneLine(value: string, helper: string): string {
  return quote(value).replaceAll("\n", `'"$${helper}N"'`).replaceAll("\r", `'"$${helper}R"'`);
}

/** Between whole characters. */
function inParts(text: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + LONGEST_LINE / 4);
    if (/[\uD800-\uDBFF]/.test(text[end - 1]!)) end += 1;
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}

/** Shell text of ours: nothing of the document is in it but the number of parts. */
function carryOut(helper: string, parts: readonly string[]): string {
  return [
    `${helper}N='\n'`,
    `${helper}R='\r'`,
    `${helper}S="${parts.map((name) => `$${name}`).join("")}"`,
    `unset ${parts.join(" ")}`,
    `eval "$${helper}S"`,
    // A name that begins with a dash is no option.
    'case $1 in -*) "$@" ;; *) exec "$@" ;; esac',
  ].join("\n");
}
