import { fittingName, isFolderName } from "../../files/names/name-rules.ts";
import type { OutputLocation, TaskProblem } from "../tables.ts";

/** What the tokens of a location stand for when a task's outputs are saved. */
export interface LocationTokens {
  task_id: string;
  task_name: string;
  app_name: string;
  /** `owner/project` */
  project_id: string;
  /** Empty for a task that is no child. */
  batch_group: string;
  username: string;
  /** `2031-04-02`, UTC. */
  date: string;
}

const ON_VOLUME = /^volumes?:\/\//i;

/**
 * The folders, from the project's root on, into which each output goes (tasks.md §6): those of its node if that has a
 * location that counts, else the main ones, else none.
 */
export function outputFolders(location: OutputLocation | null, tokens: LocationTokens): (output: string) => string[] {
  const main = foldersIn(location?.main_location ?? "", tokens);
  const nodes = location?.nodes_override === true ? (location.nodes_location ?? {}) : {};
  return (output) => {
    const own = nodes[output]?.output_location;
    if (own === undefined) return main;
    const folders = foldersIn(own, tokens);
    return own.startsWith("/") ? folders : [...main, ...folders];
  };
}

function foldersIn(path: string, tokens: LocationTokens): string[] {
  return segmentsOf(path)
    .map((segment) => asFolderName(withTokens(segment, tokens)))
    .filter((name) => name !== "");
}

const segmentsOf = (path: string): string[] => path.split("/").filter((segment) => segment.trim() !== "");

/** Unknown tokens stay as they are. */
const withTokens = (segment: string, tokens: LocationTokens): string =>
  segment.replace(/<([a-z_]+)>/g, (literal, name: string) =>
    Object.hasOwn(tokens, name) ? tokens[name as keyof LocationTokens].replaceAll("/", "_") : literal,
  );

/** What a token brings along may be no folder's name. One that is blank is no folder. */
function asFolderName(text: string): string {
  const name = text.trim();
  return name === "" ? "" : fittingName(name, "folder");
}

/** What is wrong with a location; `outputs` are the ids of the app's outputs. */
export function checkLocation(location: OutputLocation | null, outputs: readonly string[]): TaskProblem[] {
  if (location === null) return [];
  const { main_location, main_location_alias, nodes_override, nodes_location } = location;
  const problems = checkPath("main_location", main_location, main_location_alias);
  if (nodes_override !== true) return problems;
  for (const [output, node] of Object.entries(nodes_location ?? {})) {
    const place = `nodes_location.${output}`;
    if (!outputs.includes(output)) problems.push(problem(place, `The app has no output '${output}'.`));
    problems.push(...checkPath(`${place}.output_location`, node.output_location, node.output_location_alias));
  }
  return problems;
}

function checkPath(place: string, path: string | undefined, alias: string | undefined): TaskProblem[] {
  if (path !== undefined && ON_VOLUME.test(path))
    return [problem(place, `'${path}' is on a volume: outputs can only go to folders of the project here.`)];
  if (alias !== undefined) return [problem(place, "An alias is for files on a volume, and this location is none.")];
  const stray = segmentsOf(path ?? "").find((segment) => !isFolderName(segment));
  return stray === undefined ? [] : [problem(place, `'${stray}' cannot be a folder's name.`)];
}

const problem = (place: string, message: string): TaskProblem => ({
  code: "OUTPUT_LOCATION",
  input: `output_location.${place}`,
  message,
});
