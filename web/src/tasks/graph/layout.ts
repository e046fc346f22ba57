import { graphlib, layout } from "@dagrejs/dagre";

/** What is to be laid out: boxes of a size, some within others, and arrows between those that are no frames. */
export interface LayoutAsked {
  boxes: { id: string; width: number; height: number; parent: string | null }[];
  arrows: { from: string; to: string }[];
}

export interface LayoutFound {
  /** Centres. */
  boxes: { [id: string]: { x: number; y: number; width: number; height: number } };
  arrows: { from: string; to: string; points: { x: number; y: number }[] }[];
  width: number;
  height: number;
}

/** From so many boxes on the quicker way to rank them is good enough. */
const MANY = 300;

/** Places the boxes in layers, from the left to the right. */
export function laidOut({ boxes, arrows }: LayoutAsked): LayoutFound {
  const hasFrames = boxes.some(({ parent }) => parent !== null);
  const graph = new graphlib.Graph({ compound: hasFrames, multigraph: false });
  graph.setGraph({
    rankdir: "LR",
    nodesep: 16,
    ranksep: 56,
    marginx: 16,
    marginy: 16,
    ranker: boxes.length > MANY ? "longest-path" : "network-simplex",
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  for (const { id, parent } of boxes) if (parent !== null) graph.setParent(id, parent);
  for (const { from, to } of arrows) graph.setEdge(from, to);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    boxes: Object.fromEntries(
      graph.nodes().map((id) => {
        const { x, y, width: w, height: h } = graph.node(id) as LayoutFound["boxes"][string];
        return [id, { x, y, width: w, height: h }];
      }),
    ),
    arrows: graph
      .edges()
      .map((edge) => ({ from: edge.v, to: edge.w, points: (graph.edge(edge) as { points: { x: number; y: number }[] }).points })),
    width,
    height,
  };
}
