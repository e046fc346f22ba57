/** Longest name that file systems take, in bytes, with room for the ending of an unfinished download. */
const LONGEST = 240;

/**
 * A name of the platform as a name in a local directory: it has no separator and is not `.` or `..`, so it stays
 * inside; control characters, which would garble a terminal, become `_`. Ordinary names stay as they are.
 */
export function localName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced.
  const plain = name.replace(/[/\\\u0000-\u001f\u007f-\u009f]/g, "_");
  const safe = plain === "" || plain === "." || plain === ".." ? `_${plain}` : plain;
  return shortened(safe);
}

/** Cut between characters, before the ending, which tells what the file is. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST) return name;
  const ending = /(\.[A-Za-z0-9]{1,10}){1,2}$/.exec(name)?.[0] ?? "";
  let kept = "";
  for (const character of name.slice(0, name.length - ending.length)) {
    if (Buffer.byteLength(kept + character + ending) > LONGEST) break;
    kept += character;
  }
  return kept + ending;
}
