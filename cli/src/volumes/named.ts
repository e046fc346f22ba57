import { CliError, EXIT } from "../exit.ts";

/** `owner/name`. @throws CliError */
export function volumeNamed(text: string): { owner: string; volume: string } {
  const [owner, volume, ...rest] = text.split("/");
  if (!owner || !volume || rest.length > 0)
    throw new CliError(`${text} names no volume; a volume's name is owner/name.`, { exit: EXIT.usage });
  return { owner, volume };
}
