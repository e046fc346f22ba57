import type { Graph, GraphNode } from "@causeway/contract/client";
import type { LayoutAsked } from "./layout-shapes.ts";

export interface ShownGraph extends LayoutAsked {
  nodes: ReadonlyMap<string, GraphNode>;
  /** Steps whose workflow is shown in their place. */
  open: ReadonlySet<string>;
}

const STEP = { width: 176, height: 52 };
const PORT = { width: 164, height: 28 };

/** What of a graph is drawn when these nested workflows are open. Arrows to an open one lead to the steps within it. */
export function shownGraph(graph: Graph, open: ReadonlySet<string>): ShownGraph {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const children = Map.groupBy(
    graph.nodes.filter(({ parent }) => parent !== null),
    ({ parent }) => parent!,
  );
  const isOpen = (id: string) => open.has(id) && children.has(id);
  const isShown = ({ parent }: GraphNode): boolean => parent === null || (isOpen(parent) && isShown(nodes.get(parent)!));
  const shown = graph.nodes.filter(isShown);
  const hasSource = new Set(graph.edges.map(({ to }) => to));
  const hasTarget = new Set(graph.edges.map(({ from }) => from));
  const ends = (id: string, side: "first" | "last"): string[] => {
    if (!isOpen(id)) return [id];
    const inner = children.get(id)!;
    const linked = side === "first" ? hasSource : hasTarget;
    const outer = inner.filter((node) => !linked.has(node.id));
    return (outer.length > 0 ? outer : inner).flatMap((node) => ends(node.id, side));
  };
  const visible = new Set(shown.map(({ id }) => id));
  return {
    nodes,
    open: new Set([...open].filter((id) => isOpen(id))),
    boxes: shown.map(({ id, kind, parent }) => ({
      id,
      parent,
      ...(isOpen(id) ? { width: 0, height: 0 } : kind === "step" ? STEP : PORT),
    })),
    arrows: graph.edges
      .filter(({ from, to }) => visible.has(from) && visible.has(to))
      .flatMap(({ from, to }) =>
        ends(from, "last").flatMap((start) => ends(to, "first").map((end) => ({ from: start, to: end }))),
      ),
  };
}
