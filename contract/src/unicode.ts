/**
 * The first place in a JSON value, as a pointer, whose text or key has half of a surrogate pair: JSON can write such
 * (`"\\ud800"`), UTF-8 cannot, so that it would be kept as another character. Undefined where there is none.
 */
export function halfCharacterIn(value: unknown): string | undefined {
  if (typeof value === "string") return value.isWellFormed() ? undefined : "";
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const below = key.isWellFormed() ? halfCharacterIn(inner) : "";
    if (below !== undefined) return `/${key.toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1")}${below}`;
  }
  return undefined;
}
