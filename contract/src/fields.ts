/** The `fields` selector (conventions.md §7). */

/** What a request wants to see of a thing. */
export interface FieldSelector {
  /** Whether anything of this top-level key is in the answer: a query need not load what nobody sees. */
  wants(key: string): boolean;
  /** Whether whole top-level keys are all that was selected: then `wants` says everything about the answer. */
  readonly isShallow: boolean;
  /** The selected part of `thing`, its keys in their own order; `thing` itself where all of it is wanted. */
  apply(thing: object): object;
}

/** `true`: the whole; a map: the parts by key. */
type Selection = true | Map<string, Selection>;

/**
 * Compiles the values of `fields`: comma-separated, repeated, or both; unknown names select nothing.
 *
 * `defaults` is what the call shows by itself: every field (`"all"`), or those of a list's items. With `flat`,
 * keys are taken whole: in a bare metadata map a dot is a character like any other.
 */
export function compileFields(
  given: readonly string[],
  defaults: readonly string[] | "all",
  { flat = false }: { flat?: boolean } = {},
): FieldSelector {
  const names = given.flatMap((value) => value.split(",")).map((name) => name.trim());
  const wanted = names.filter((name) => name !== "" && !name.startsWith("!"));
  const unwanted = names.filter((name) => name.startsWith("!")).map((name) => name.slice(1).trim());

  const pathOf = (name: string) => (flat ? [name] : pathOfField(name));
  const byDefault = (): Selection => (defaults === "all" ? true : selectionOf(defaults.map((name) => [name])));
  const included = wanted.includes("_all") ? true : wanted.length > 0 ? selectionOf(wanted.map(pathOf)) : byDefault();
  const excluded = selectionOf(unwanted.map(pathOf));

  const dropsNothing = excluded.size === 0;
  const isShallow = [...excluded.values(), ...(included === true ? [] : included.values())].every((below) => below === true);
  return {
    isShallow,
    wants: (key) => (included === true || included.has(key)) && excluded.get(key) !== true,
    apply: (thing) => {
      if (included === true && dropsNothing) return thing;
      const kept = included === true ? thing : keep(thing, included);
      return (dropsNothing ? kept : drop(kept, excluded)) as object;
    },
  };
}

/** `origin.task` has two steps, but below `metadata` there is one key, dots and all. */
function pathOfField(name: string): string[] {
  const [head = "", ...rest] = name.split(".");
  if (head === "metadata" && rest.length > 0) return [head, rest.join(".")];
  return rest.length > 0 ? [head, ...pathOfField(rest.join("."))] : [head];
}

/** Naming a parent takes all of it, whichever of its children are named too. */
function selectionOf(paths: readonly (readonly string[])[]): Map<string, Selection> {
  const root = new Map<string, Selection>();
  for (const path of paths) {
    let level = root;
    for (const [index, step] of path.entries()) {
      const there = level.get(step);
      if (there === true) break;
      if (index === path.length - 1) {
        level.set(step, true);
      } else {
        const next = there ?? new Map<string, Selection>();
        level.set(step, next);
        level = next;
      }
    }
  }
  return root;
}

function keep(value: unknown, selection: Selection): unknown {
  if (selection === true || value === null) return value;
  if (Array.isArray(value)) return value.filter(isParent).map((element) => keep(element, selection));
  if (!isParent(value)) return undefined;
  const kept: [string, unknown][] = [];
  for (const [key, child] of Object.entries(value)) {
    const below = selection.get(key);
    if (below === undefined) continue;
    const part = keep(child, below);
    if (part !== undefined) kept.push([key, part]);
  }
  return Object.fromEntries(kept);
}

function drop(value: unknown, selection: Map<string, Selection>): unknown {
  if (Array.isArray(value)) return value.map((element) => drop(element, selection));
  if (!isParent(value)) return value;
  const kept: [string, unknown][] = [];
  for (const [key, child] of Object.entries(value)) {
    const below = selection.get(key);
    if (below !== true) kept.push([key, below === undefined ? child : drop(child, below)]);
  }
  return Object.fromEntries(kept);
}

function isParent(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
