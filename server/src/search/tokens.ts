import { ApiError } from "../http/errors.ts";

/** A word of a query, with where it stands (from 1). */
export interface Token {
  /** A text had quotes. */
  is: "word" | "text" | "number" | "sign" | "end";
  value: string;
  at: number;
}

const PIECES = /\s+|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|-?\d+(?:\.\d+)?(?![\w.-])|[A-Za-z_][\w.-]*|<=|>=|!=|<>|[=<>(),]/y;

/** Takes a query apart. @throws ApiError `badRequest` that names the place */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < query.length; ) {
    PIECES.lastIndex = at;
    const piece = PIECES.exec(query)?.[0];
    if (piece === undefined) {
      const rest = query.slice(at, at + 20);
      throw problem(
        at + 1,
        /^["']/.test(rest) ? "a text that does not end" : `\`${rest.split(/\s/, 1)[0]}\`, which is no part of a query`,
      );
    }
    if (!/^\s/.test(piece)) tokens.push(tokenOf(piece, at + 1));
    at += piece.length;
  }
  return [...tokens, { is: "end", value: "", at: query.length + 1 }];
}

function tokenOf(piece: string, at: number): Token {
  if (/^["']/.test(piece)) return { is: "text", value: piece.slice(1, -1).replace(/\\(.)/gs, "$1"), at };
  if (/^-?\d/.test(piece)) return { is: "number", value: piece, at };
  return { is: /^\w/.test(piece) ? "word" : "sign", value: piece, at };
}

/** The refusal of a query: `what` was found at a place (from 1). */
export const problem = (at: number, what: string): ApiError =>
  new ApiError("badRequest", `In the query, at character ${at}: ${what}.`);
