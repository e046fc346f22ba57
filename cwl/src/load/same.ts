/**
 * Tells which of the values that one load makes say the same, without going through any of them twice: a text for each,
 * equal for equal ones. Values are plain data and are not changed once they have been asked about.
 */
export class Identities {
  readonly #texts = new WeakMap<object, string>();
  readonly #numbers = new Map<string, number>();

  of(value: unknown): string {
    if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "-";
    const known = this.#texts.get(value);
    if (known !== undefined) return known;
    const written = Array.isArray(value)
      ? `[${value.map((item) => this.of(item)).join()}]`
      : `{${Object.keys(value)
          .filter((key) => (value as Record<string, unknown>)[key] !== undefined)
          .sort()
          .map((key) => `${JSON.stringify(key)}:${this.of((value as Record<string, unknown>)[key])}`)
          .join()}}`;
    const number = this.#numbers.get(written) ?? this.#numbers.size;
    this.#numbers.set(written, number);
    const text = `#${number}`;
    this.#texts.set(value, text);
    return text;
  }
}
