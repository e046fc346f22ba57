/** What the lines of a flow collection or quoted text are moved right by: more than anything around them. */
const MARGIN = 200;

/** A text that was changed for the parser, and the way back from its offsets to those of the original. */
export interface Rewritten {
  text: string;
  original(offset: number): number;
  /** What the original has and YAML 1.2 has not, each construct once, at its offset in the original. */
  found: readonly { offset: number; message: string }[];
}

/**
 * Rewrites what YAML 1.2 refuses and the parsers of most other engines read, so that our parser reads it as they do:
 *
 * - further lines of `[…]`, `{…}` and quoted texts that are indented no more than what they belong to (YAML 1.2.2 §6.1,
 *   §7.4): all of their lines are moved right, where indentation means nothing;
 * - a bare `-` as an item of a flow collection (§7.3.3): it is put in quotes.
 */
export function rewriteTolerated(text: string): Rewritten {
  const scan = new Scan();
  const lines: string[] = [];
  /** Characters put in, by their offset in the new text. */
  const insertions: { at: number; length: number }[] = [];
  let start = 0;
  let length = 0;
  for (const line of text.split("\n")) {
    const edits = scan.read(line, start);
    let written = "";
    let done = 0;
    for (const { column, insert } of edits) {
      written += line.slice(done, column);
      insertions.push({ at: length + written.length, length: insert.length });
      written += insert;
      done = column;
    }
    lines.push(written + line.slice(done));
    start += line.length + 1;
    length += lines.at(-1)!.length + 1;
  }
  return { text: lines.join("\n"), original: wayBack(insertions), found: scan.found };
}

function wayBack(insertions: readonly { at: number; length: number }[]): (offset: number) => number {
  /** All that is put in before each insertion. */
  const before: number[] = [];
  let sum = 0;
  for (const { length } of insertions) {
    before.push(sum);
    sum += length;
  }
  return (offset) => {
    let [low, high] = [0, insertions.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (insertions[middle]!.at < offset) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return offset;
    const { at, length } = insertions[low - 1]!;
    return offset - before[low - 1]! - Math.min(length, offset - at);
  };
}

interface Edit {
  column: number;
  insert: string;
}

/** Follows a YAML text line by line, as closely as is needed to know where flow collections and quoted texts are. */
class Scan {
  readonly found: { offset: number; message: string }[] = [];
  #depth = 0;
  #quote = "";
  /** While a block scalar, or a plain one over lines, may go on: its lines are indented by more than this. */
  #textIndent = -1;
  /** The outermost flow collection or quoted text that is open: where it begins, and what its lines should exceed. */
  #open = { offset: 0, owner: -1, isTold: false };
  /** The column of the last key whose value is not on its line. */
  #emptyKey = -1;

  /** Takes the next line, which starts at an offset of the text, and answers what is to be put into it. */
  read(line: string, start: number): Edit[] {
    const indent = line.search(/\S/);
    const edits: Edit[] = [];
    if (this.#depth > 0 || this.#quote !== "") {
      edits.push({ column: 0, insert: " ".repeat(MARGIN) });
      if (indent !== -1 && indent <= this.#open.owner && !this.#open.isTold) this.#tellOpen();
    } else {
      if (this.#textIndent >= 0 && (indent === -1 || indent > this.#textIndent)) return [];
      this.#textIndent = literalIndent(line);
      if (this.#textIndent >= 0) return [];
    }
    this.#scan(line, start, edits);
    return edits;
  }

  #tellOpen(): void {
    this.#open.isTold = true;
    const what = this.#quote !== "" && this.#depth === 0 ? "quoted text" : "flow collection";
    this.#tell(
      this.#open.offset,
      `the next lines of this ${what} should be indented more than what it belongs to (YAML 1.2 §6.1)`,
    );
  }

  #tell(offset: number, message: string): void {
    this.found.push({ offset, message });
  }

  #begin(line: string, start: number, at: number): void {
    if (this.#depth === 0) this.#open = { offset: start + at, owner: ownerOf(line, at, this.#emptyKey), isTold: false };
  }

  #scan(line: string, start: number, edits: Edit[]): void {
    // Where a value may begin; within a plain scalar, brackets and quotes are ordinary characters.
    let isStart = true;
    let isPlain = false;
    for (let at = 0; at < line.length; at++) {
      const character = line[at]!;
      if (this.#quote !== "") {
        if (character === "\\" && this.#quote === '"') at += 1;
        else if (character === this.#quote && line[at + 1] === "'" && this.#quote === "'") at += 1;
        else if (character === this.#quote) [this.#quote, isStart, isPlain] = ["", false, false];
        continue;
      }
      if (character === "#" && (at === 0 || /\s/.test(line[at - 1]!))) break;
      if (/\s/.test(character)) continue;
      if (isStart && (character === '"' || character === "'")) {
        this.#begin(line, start, at);
        this.#quote = character;
      } else if ((isStart || this.#depth > 0) && (character === "[" || character === "{")) {
        this.#begin(line, start, at);
        [this.#depth, isStart] = [this.#depth + 1, true];
      } else if (this.#depth > 0 && (character === "]" || character === "}"))
        [this.#depth, isStart, isPlain] = [this.#depth - 1, false, false];
      else if (this.#depth > 0 && character === ",") isStart = true;
      else if (character === ":" && (at + 1 === line.length || /\s/.test(line[at + 1]!))) [isStart, isPlain] = [true, false];
      else if (character === "-" && isStart && this.#depth > 0 && /^\s*[,\]}]/.test(line.slice(at + 1))) {
        edits.push({ column: at, insert: '"' }, { column: at + 1, insert: '"' });
        this.#tell(start + at, 'a bare - in a flow collection should be written "-" (YAML 1.2 §7.3.3)');
        isStart = false;
      } else if (character === "-" && isStart && this.#depth === 0 && /^(\s|$)/.test(line.slice(at + 1))) continue;
      else if (/[&!]/.test(character) && isStart) at = endOfWord(line, at);
      else {
        isPlain ||= isStart;
        isStart = false;
      }
    }
    if (this.#depth > 0 || this.#quote !== "") return;
    if (isStart && line.trim() !== "") this.#emptyKey = columnOf(line);
    // A plain text may go on in lines that are indented more than its key.
    if (isPlain) this.#textIndent = columnOf(line);
  }
}

/** The column of the first key of a line, behind its dashes. */
const columnOf = (line: string): number => /^\s*(?:-\s+)*/.exec(line)![0].length;

/** What the lines of a construct at a column have to be indented more than: its key, its dash, or the key above. */
function ownerOf(line: string, at: number, emptyKey: number): number {
  const key = columnOf(line);
  if (key < at) return key;
  const dash = line.slice(0, at).lastIndexOf("-");
  return dash >= 0 ? dash : emptyKey;
}

/** The indentation that lines of the block scalar begun on this line exceed; -1: none is begun. */
function literalIndent(line: string): number {
  if (!/(?:^|[:-])\s+(?:[&!]\S*\s+)*[|>][+-]?\d?[+-]?\s*(?:#.*)?$/.test(line)) return -1;
  // In `- key: |` the key's column counts; in `- |` that of the dash.
  const compact = /^(\s*(?:-\s+)*)(?![|>&!])\S/.exec(line);
  return compact ? compact[1]!.length : line.lastIndexOf("-", line.search(/[|>]/));
}

function endOfWord(line: string, from: number): number {
  const end = line.slice(from).search(/\s/);
  return end === -1 ? line.length : from + end;
}
