import { type DeletedFile, type OperatorClient, parseFileId, parseUuid } from "@causeway/contract/client";
import { CliError, EXIT } from "../exit.ts";

const PAGE = 1000;

/** What of a project was deleted, page by page. */
export async function* deletedFiles(operator: OperatorClient, project: string, name?: string): AsyncGenerator<DeletedFile> {
  for (let offset = 0; ; offset += PAGE) {
    const { files: page } = await operator.listDeletedFiles({
      project,
      limit: PAGE,
      offset,
      ...(name === undefined ? {} : { name }),
    });
    yield* page;
    if (page.length < PAGE) return;
  }
}

/** The id of the deleted project that was called so, or of that id. @throws CliError */
export async function deletedProject(operator: OperatorClient, named: string): Promise<string> {
  const id = parseUuid(named);
  if (id !== undefined) return id;
  const found = (await operator.listDeletedProjects()).projects.filter(({ project }) => project === named);
  return theOnly(found, named, "`causeway project deleted` lists what can be restored.");
}

/** The id of the deleted file at that path, or of that id. @throws CliError */
export async function deletedFile(operator: OperatorClient, named: string): Promise<string> {
  const id = parseFileId(named);
  if (id !== undefined) return id;
  const [owner, project, ...names] = named.replace(/\/+$/, "").split("/");
  if (!owner || !project || names.length === 0)
    throw new CliError(`${named} names no file; give an id or a path like owner/project/folder/file.`, { exit: EXIT.usage });
  const all = await Array.fromAsync(deletedFiles(operator, `${owner}/${project}`, names.at(-1)));
  const found = all.filter(({ path }) => path === names.join("/"));
  return theOnly(found, named, `\`causeway file deleted ${owner}/${project}\` lists what can be restored.`);
}

function theOnly(found: readonly { id: string; deleted_on: string }[], named: string, advice: string): string {
  const [only, ...others] = found;
  if (!only) throw new CliError(`Nothing deleted was called ${named}.`, { exit: EXIT.notFound, advice });
  if (others.length === 0) return only.id;
  const choices = found.map(({ id, deleted_on }) => `${id} (deleted ${deleted_on})`).join(", ");
  throw new CliError(`${found.length} that were called ${named} are deleted.`, {
    exit: EXIT.usage,
    advice: `Give the id of one: ${choices}`,
  });
}
