/** How large a JSON text is when it is parsed: its values, empty lists and objects counted twice, and how deep lists and objects stand inside each other. */
export interface JsonSize {
  values: number;
  depth: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/**
 * Measures JSON without parsing it: what is nested without end would end the stack of whoever goes through it, and a few
 * megabytes of `[],[],…` are millions of objects. Of a text that is no JSON the numbers mean nothing.
 */
export function measureJson(bytes: Uint8Array): JsonSize {
  let values = 1;
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case QUOTE:
        for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
        break;
      case 0x5b:
      case 0x7b:
        depth++;
        values++;
        if (depth > deepest) deepest = depth;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
      case COMMA:
        values++;
        break;
    }
  }
  return { values, depth: deepest };
}
