/**
 * A text for people as the database keeps it: without zero bytes, which a tool's standard error may hold, and without
 * halves of characters. What becomes of a task must not depend on what a tool writes.
 */
export function keptText(text: string): string {
  return text.replaceAll("\0", "\\0").toWellFormed();
}
