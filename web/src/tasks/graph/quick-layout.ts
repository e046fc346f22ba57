import type { LayoutAsked, LayoutFound } from "./layout-shapes.ts";

const GAP = { between: 14, layers: 64, margin: 16 };
/** Each sorts every layer by where its neighbours are. */
const SWEEPS = 6;

/**
 * Layers from the left to the right for graphs of thousands of boxes, in a few hundredths of a second: a box stands after
 * all that it gets something from, near them. Frames are drawn around what is in them afterwards, so they may overlap.
 */
export function quickLayout({ boxes, arrows }: LayoutAsked): LayoutFound {
  const frames = new Set(boxes.flatMap(({ parent }) => (parent === null ? [] : [parent])));
  const inner = boxes.filter(({ id }) => !frames.has(id));
  const before = Map.groupBy(arrows, ({ to }) => to);
  const after = Map.groupBy(arrows, ({ from }) => from);
  const layers = layersOf(
    inner.map(({ id }) => id),
    before,
    after,
  );
  sortLayers(layers, before, after);

  const sizes = new Map(inner.map((box) => [box.id, box]));
  const heights = layers.map((layer) => layer.reduce((sum, id) => sum + sizes.get(id)!.height + GAP.between, -GAP.between));
  const height = Math.max(0, ...heights);
  const found: LayoutFound["boxes"] = {};
  let left = GAP.margin;
  layers.forEach((layer, index) => {
    const widest = Math.max(0, ...layer.map((id) => sizes.get(id)!.width));
    let top = GAP.margin + (height - heights[index]!) / 2;
    for (const id of layer) {
      const size = sizes.get(id)!;
      found[id] = { x: left + widest / 2, y: top + size.height / 2, width: size.width, height: size.height };
      top += size.height + GAP.between;
    }
    left += widest + GAP.layers;
  });
  frameAll(boxes, frames, found);
  return {
    boxes: found,
    arrows: arrows.map(({ from, to }) => {
      const [start, end] = [found[from]!, found[to]!];
      const points = [
        { x: start.x + start.width / 2, y: start.y },
        { x: end.x - end.width / 2, y: end.y },
      ];
      return { from, to, points };
    }),
    width: left - GAP.layers + GAP.margin,
    height: height + 2 * GAP.margin,
  };
}

type Arrows = ReadonlyMap<string, readonly { from: string; to: string }[]>;

/** The longest way to a box says in which layer it is. What is in a circle comes first. */
function layersOf(ids: readonly string[], before: Arrows, after: Arrows): string[][] {
  const open = new Map(ids.map((id) => [id, before.get(id)?.length ?? 0]));
  const rank = new Map(ids.map((id) => [id, 0]));
  const ready = ids.filter((id) => open.get(id) === 0);
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    for (const { to } of after.get(id) ?? []) {
      rank.set(to, Math.max(rank.get(to)!, rank.get(id)! + 1));
      open.set(to, open.get(to)! - 1);
      if (open.get(to) === 0) ready.push(to);
    }
  }
  const layers: string[][] = [];
  for (const id of ids) {
    const layer = rank.get(id)!;
    layers[layer] ??= [];
    layers[layer].push(id);
  }
  return Array.from(layers, (layer) => layer ?? []);
}

function sortLayers(layers: string[][], before: Arrows, after: Arrows): void {
  const place = new Map<string, number>();
  // Between 0 and 1, since layers have different lengths.
  const note = (layer: readonly string[]) => {
    for (const [index, id] of layer.entries()) place.set(id, (index + 0.5) / layer.length);
  };
  for (const layer of layers) note(layer);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isForth = sweep % 2 === 0;
    for (const layer of isForth ? layers : layers.toReversed()) {
      const wanted = new Map(
        layer.map((id) => {
          const neighbours = isForth ? before.get(id)?.map(({ from }) => from) : after.get(id)?.map(({ to }) => to);
          if (!neighbours || neighbours.length === 0) return [id, place.get(id)!];
          return [id, neighbours.reduce((sum, other) => sum + place.get(other)!, 0) / neighbours.length];
        }),
      );
      layer.sort((a, b) => wanted.get(a)! - wanted.get(b)!);
      note(layer);
    }
  }
}

/** Frames around what is in them, the innermost first. */
function frameAll(boxes: LayoutAsked["boxes"], frames: ReadonlySet<string>, found: LayoutFound["boxes"]): void {
  const children = Map.groupBy(boxes, ({ parent }) => parent);
  const frame = (id: string): void => {
    const own = children.get(id) ?? [];
    for (const child of own) if (frames.has(child.id)) frame(child.id);
    const placed = own.map((child) => found[child.id]!);
    const left = Math.min(...placed.map(({ x, width }) => x - width / 2)) - GAP.between;
    const right = Math.max(...placed.map(({ x, width }) => x + width / 2)) + GAP.between;
    const top = Math.min(...placed.map(({ y, height }) => y - height / 2)) - 2 * GAP.between;
    const bottom = Math.max(...placed.map(({ y, height }) => y + height / 2)) + GAP.between;
    found[id] = { x: (left + right) / 2, y: (top + bottom) / 2, width: right - left, height: bottom - top };
  };
  for (const { id, parent } of boxes) if (parent === null && frames.has(id)) frame(id);
}
