import { graphlib, layout } from "@dagrejs/dagre";
import type { LayoutAsked, LayoutFound } from "./layout-shapes.ts";
import { quickLayout } from "./quick-layout.ts";

/** From so many boxes on the layout that takes time with each crossing is not worth its seconds. */
const MANY = 150;

/** Places the boxes in layers, from the left to the right. */
export function laidOut(asked: LayoutAsked): LayoutFound {
  const { boxes, arrows } = asked;
  if (boxes.length > MANY) return quickLayout(asked);
  const hasFrames = boxes.some(({ parent }) => parent !== null);
  const graph = new graphlib.Graph({ compound: hasFrames, multigraph: false });
  graph.setGraph({
    rankdir: "LR",
    nodesep: 16,
    ranksep: 56,
    marginx: 16,
    marginy: 16,
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
