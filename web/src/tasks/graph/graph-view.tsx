import type { Graph } from "@causeway/contract/client";
import { useMemo, useRef, useState } from "react";
import { Loading } from "../../parts/loading.tsx";
import { GraphBox } from "./graph-box.tsx";
import type { LayoutFound } from "./layout-shapes.ts";
import { shownGraph } from "./shown-graph.ts";
import type { StepProgress } from "./step-progress.ts";
import { useLayout } from "./use-layout.ts";
import { useViewport, type Viewport } from "./use-viewport.ts";

interface GraphViewProps {
  graph: Graph;
  progress?: ReadonlyMap<string, StepProgress>;
  chosen?: string | undefined;
  onChoose?: (step: string | undefined) => void;
}

const NONE: ReadonlyMap<string, StepProgress> = new Map();

/** A workflow as boxes and arrows. What is out of sight is not drawn, so that thousands of steps stay smooth. */
export function GraphView({ graph, progress = NONE, chosen, onChoose }: GraphViewProps) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(() => shownGraph(graph, open), [graph, open]);
  const found = useLayout(shown);
  const frame = useRef<SVGSVGElement>(null);
  const { view, fit, zoom, handlers } = useViewport(frame, found);
  const toggle = (id: string) => {
    const changed = new Set(open);
    if (!changed.delete(id)) changed.add(id);
    setOpen(changed);
  };
  const boxes = found ? shown.boxes.filter(({ id }) => found.boxes[id] && isSeen(found.boxes[id], view)) : [];
  return (
    <section className="graph" aria-label="Workflow">
      <div className="graph-tools">
        <button type="button" className="small" onClick={() => zoom(1.25)} aria-label="Larger">
          +
        </button>
        <button type="button" className="small" onClick={() => zoom(0.8)} aria-label="Smaller">
          -
        </button>
        <button type="button" className="small" onClick={fit}>
          Fit
        </button>
      </div>
      {!found && <Loading what="Laying out" />}
      <svg ref={frame} role="group" tabIndex={0} aria-label="Graph of the workflow; arrow keys move it" {...handlers}>
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">
            <path d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        <g transform={`scale(${view.scale}) translate(${-view.x} ${-view.y})`}>
          {found && <Arrows found={found} view={view} />}
          {boxes.map(({ id }) => (
            <GraphBox
              key={id}
              node={shown.nodes.get(id)!}
              at={found!.boxes[id]!}
              progress={progress.get(id)}
              isOpen={shown.open.has(id)}
              isChosen={id === chosen}
              onChoose={onChoose}
              onToggle={shown.nodes.get(id)!.runs === "workflow" ? toggle : undefined}
            />
          ))}
        </g>
      </svg>
    </section>
  );
}

function Arrows({ found, view }: { found: LayoutFound; view: Viewport }) {
  return found.arrows
    .filter(({ points }) => points.some((point) => isSeen({ ...point, width: 200, height: 200 }, view)))
    .map(({ from, to, points }) => <path key={`${from} ${to}`} className="arrow" d={curve(points)} markerEnd="url(#arrow)" />);
}

/** Through the points, smoothly. */
function curve([first, ...others]: { x: number; y: number }[]): string {
  if (!first) return "";
  let path = `M${first.x} ${first.y}`;
  let before = first;
  for (const point of others) {
    const middle = (before.x + point.x) / 2;
    path += `C${middle} ${before.y} ${middle} ${point.y} ${point.x} ${point.y}`;
    before = point;
  }
  return path;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

function isSeen({ x, y, width, height }: Box, view: Viewport): boolean {
  const right = view.x + view.width / view.scale;
  const bottom = view.y + view.height / view.scale;
  return x + width / 2 >= view.x && x - width / 2 <= right && y + height / 2 >= view.y && y - height / 2 <= bottom;
}
