/** What the lines of a flow collection are moved right by: more than anything around them. */
const MARGIN = 200;

/** A text with lines moved right, and the way back from its offsets to those of the original. */
export interface Indented {
  text: string;
  original(offset: number): number;
}

/**
 * Moves the second and further lines of every `[…]` and `{…}` to the right. YAML wants them indented more than what they
 * belong to; many documents have
 *
 *     secondaryFiles: [.amb, .ann,
 *     .bwt]
 *
 * which the parsers of most other engines accept. Inside of a flow collection indentation means nothing, so nothing else
 * changes.
 */
export function indentFlows(text: string): Indented {
  /** Offsets in the new text after which MARGIN more characters have been put in. */
  const insertions: number[] = [];
  const lines: string[] = [];
  const scan = new FlowScan();
  let length = 0;
  for (const line of text.split("\n")) {
    if (scan.isInsideFlow) {
      insertions.push(length);
      lines.push(" ".repeat(MARGIN) + line);
    } else lines.push(line);
    length += lines.at(-1)!.length + 1;
    scan.read(line);
  }
  const original = (offset: number) => {
    let shift = 0;
    for (const at of insertions) if (at < offset) shift += Math.min(MARGIN, offset - at);
    return offset - shift;
  };
  return { text: lines.join("\n"), original };
}

/** Follows a YAML text line by line, as closely as is needed to know where flow collections are. */
class FlowScan {
  #depth = 0;
  #quote = "";
  /** While a block scalar may go on: its lines are indented by more than this. */
  #literalIndent = -1;

  get isInsideFlow(): boolean {
    return this.#depth > 0 && this.#quote === "";
  }

  read(line: string): void {
    if (this.#depth === 0 && this.#quote === "") {
      const indent = line.search(/\S/);
      if (this.#literalIndent >= 0 && (indent === -1 || indent > this.#literalIndent)) return;
      this.#literalIndent = literalIndent(line);
      if (this.#literalIndent >= 0) return;
    }
    this.#scan(line);
  }

  #scan(line: string): void {
    // Where a value may begin; within a plain scalar, brackets and quotes are ordinary characters.
    let isStart = true;
    for (let at = 0; at < line.length; at++) {
      const character = line[at]!;
      if (this.#quote !== "") {
        if (character === "\\" && this.#quote === '"') at += 1;
        else if (character === this.#quote && line[at + 1] === "'" && this.#quote === "'") at += 1;
        else if (character === this.#quote) [this.#quote, isStart] = ["", false];
        continue;
      }
      const afterSpace = at === 0 || /\s/.test(line[at - 1]!);
      if (character === "#" && afterSpace) return;
      if (/\s/.test(character)) continue;
      if (isStart && (character === '"' || character === "'")) this.#quote = character;
      else if ((isStart || this.#depth > 0) && (character === "[" || character === "{"))
        [this.#depth, isStart] = [this.#depth + 1, true];
      else if (this.#depth > 0 && (character === "]" || character === "}")) [this.#depth, isStart] = [this.#depth - 1, false];
      else if (this.#depth > 0 && character === ",") isStart = true;
      else if (character === ":" && (at + 1 === line.length || /\s/.test(line[at + 1]!))) isStart = true;
      else if (character === "-" && isStart && /^\s/.test(line.slice(at + 1))) continue;
      else if (/[&!]/.test(character) && isStart) at = endOfWord(line, at);
      else isStart = false;
    }
  }
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
