import { problem, type Token, tokensOf } from "./tokens.ts";

/** A search as its text says it (files.md §6). */
export interface Query {
  locations: string[];
  where?: Condition;
  order?: { field: string; descending: boolean; at: number };
  limit?: number;
  offset?: number;
  token?: string;
  /** The whole subtree of each location, in place of what lies directly in it. */
  recursive: boolean;
}

export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=" | "LIKE";

export type Condition =
  | { is: "and" | "or"; of: Condition[] }
  | { is: "not"; of: Condition }
  | { is: "comparison"; field: string; at: number; comparison: Comparison; value: string }
  | { is: "in"; field: string; at: number; values: string[] };

const MOST_LOCATIONS = 10;
/** Parentheses and NOTs in each other. */
const DEEPEST = 100;
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  "=": "=",
  "!=": "!=",
  "<>": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

/**
 * Reads `[name AS field] IN location [, …] [WHERE …] [ORDER BY …] [LIMIT n] [OFFSET n] [TOKEN t] [RECURSIVE] [STALE]`.
 * Keywords are taken in any case; what follows the condition may come in any order.
 *
 * @throws ApiError `badRequest` that names the place and what is allowed there
 */
export function parseQuery(text: string): Query {
  return new Parser(tokensOf(text)).query();
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  /** The other names that this query gives to fields. */
  readonly #aliases = new Map<string, string>();

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  query(): Query {
    this.#readAliases();
    this.#expect("IN", "`IN` and the places to search");
    const query: Query = { locations: this.#locations(), recursive: false };
    if (this.#take("WHERE")) query.where = this.#anyOf(0);
    const seen = new Set<string>();
    for (let token = this.#peek(); token.is !== "end"; token = this.#peek()) {
      const keyword = token.value.toUpperCase();
      if (token.is !== "word" || !this.#readOption(keyword, query)) throw this.#unexpected(OPTIONS);
      if (seen.has(keyword)) throw problem(token.at, `a second \`${keyword}\``);
      seen.add(keyword);
    }
    return query;
  }

  #readAliases(): void {
    while (this.#peek().is === "word" && this.#peek(1).value.toUpperCase() === "AS") {
      const alias = this.#step().value;
      this.#step();
      this.#aliases.set(alias, this.#word("the name of a field"));
      if (!this.#take(",")) return;
    }
  }

  #locations(): string[] {
    const locations: string[] = [];
    do {
      const token = this.#step();
      if (token.is !== "text") throw this.#unexpected('a place in quotes, such as `"owner/project"`', token);
      locations.push(token.value);
      if (locations.length > MOST_LOCATIONS) throw problem(token.at, `more than ${MOST_LOCATIONS} places to search`);
    } while (this.#take(","));
    return locations;
  }

  /** Reads what follows the condition; false when it is nothing of that kind. */
  #readOption(keyword: string, query: Query): boolean {
    switch (keyword) {
      case "ORDER":
        this.#step();
        this.#expect("BY", "`BY`");
        query.order = { at: this.#peek().at, field: this.#field(), descending: false };
        if (!this.#take("ASC")) query.order.descending = this.#take("DESC");
        return true;
      case "LIMIT":
        query.limit = this.#count(1);
        return true;
      case "OFFSET":
        query.offset = this.#count(0);
        return true;
      case "TOKEN": {
        this.#step();
        const token = this.#step();
        if (token.is !== "text" && token.is !== "word") throw this.#unexpected("a token in quotes", token);
        query.token = token.value;
        return true;
      }
      case "RECURSIVE":
        this.#step();
        query.recursive = true;
        return true;
      // There is one state of things here, and it is the present one.
      case "STALE":
        this.#step();
        return true;
      default:
        return false;
    }
  }

  #count(least: number): number {
    this.#step();
    const token = this.#step();
    const count = Number(token.value);
    if (token.is !== "number" || !Number.isSafeInteger(count) || count < least) {
      throw this.#unexpected(`an integer of at least ${least}`, token);
    }
    return count;
  }

  #anyOf(depth: number): Condition {
    const of = [this.#allOf(depth)];
    while (this.#take("OR")) of.push(this.#allOf(depth));
    return of.length === 1 ? of[0]! : { is: "or", of };
  }

  #allOf(depth: number): Condition {
    const of = [this.#one(depth)];
    while (this.#take("AND")) of.push(this.#one(depth));
    return of.length === 1 ? of[0]! : { is: "and", of };
  }

  #one(depth: number): Condition {
    if (depth > DEEPEST) throw problem(this.#peek().at, `more than ${DEEPEST} conditions in each other`);
    if (this.#take("NOT")) return { is: "not", of: this.#one(depth + 1) };
    if (this.#take("(")) {
      const condition = this.#anyOf(depth + 1);
      this.#expect(")", "`)`");
      return condition;
    }
    return this.#comparison();
  }

  #comparison(): Condition {
    const { at } = this.#peek();
    const field = this.#field();
    const negated = this.#take("NOT");
    let condition: Condition;
    if (this.#take("IN")) condition = { is: "in", field, at, values: this.#values() };
    else if (this.#take("LIKE")) condition = { is: "comparison", field, at, comparison: "LIKE", value: this.#value() };
    else {
      const token = this.#step();
      const comparison = token.is === "sign" && !negated ? COMPARISONS[token.value] : undefined;
      if (!comparison) {
        throw this.#unexpected(negated ? "`IN` or `LIKE`" : "one of `=`, `!=`, `<`, `<=`, `>`, `>=`, `IN`, `LIKE`", token);
      }
      condition = { is: "comparison", field, at, comparison, value: this.#value() };
    }
    return negated ? { is: "not", of: condition } : condition;
  }

  #values(): string[] {
    this.#expect("(", "`(` and values");
    const values: string[] = [];
    do values.push(this.#value());
    while (this.#take(","));
    this.#expect(")", "`,` or `)`");
    return values;
  }

  #value(): string {
    const token = this.#step();
    if (token.is !== "text" && token.is !== "number") throw this.#unexpected("a value: a number, or a text in quotes", token);
    return token.value;
  }

  /** The name of a field; in quotes a metadata key that is no plain word. */
  #field(): string {
    const token = this.#peek();
    const name = token.is === "text" ? this.#step().value : this.#word("the name of a field");
    return this.#aliases.get(name) ?? name;
  }

  #word(what: string): string {
    const token = this.#step();
    if (token.is !== "word") throw this.#unexpected(what, token);
    return token.value;
  }

  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!;
  }

  #step(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }

  /** Takes the keyword or sign if it is next. */
  #take(word: string): boolean {
    const token = this.#peek();
    const isIt = (token.is === "word" || token.is === "sign") && token.value.toUpperCase() === word;
    if (isIt) this.#next++;
    return isIt;
  }

  #expect(word: string, what: string): void {
    if (!this.#take(word)) throw this.#unexpected(what);
  }

  #unexpected(wanted: string, { at, is, value }: Token = this.#peek()) {
    return problem(at, `${is === "end" ? "the query ends" : `\`${value}\` stands`} where ${wanted} should be`);
  }
}

const OPTIONS = "`WHERE`, `ORDER BY`, `LIMIT`, `OFFSET`, `TOKEN`, `RECURSIVE`, `STALE` or the end";
