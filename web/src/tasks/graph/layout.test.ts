import assert from "node:assert/strict";
import { test } from "node:test";
import { laidOut } from "./layout.ts";
import type { LayoutAsked } from "./layout-shapes.ts";

/** So many steps in layers of ten, each of which takes from two of the layer before. */
function steps(count: number): LayoutAsked {
  const boxes = Array.from({ length: count }, (_, n) => ({ id: `step ${n}`, width: 176, height: 52, parent: null }));
  const arrows = boxes.flatMap((_, n) => {
    if (n < 10) return [];
    const other = n - 10 - (n % 10) + ((n * 7) % 10);
    return [...new Set([n - 10, other])].map((from) => ({ from: `step ${from}`, to: `step ${n}` }));
  });
  return { boxes, arrows };
}

for (const count of [1, 40, 2000]) {
  test(`of ${count} steps no two overlap, and each stands after those that it takes from`, () => {
    const asked = steps(count);
    const { boxes, arrows, width, height } = laidOut(asked);
    const placed = asked.boxes.map(({ id }) => boxes[id]!);
    assert.equal(arrows.length, asked.arrows.length);
    for (const { from, to } of arrows) assert.ok(boxes[from]!.x < boxes[to]!.x, `${from} before ${to}`);
    const columns = Map.groupBy(placed, ({ x }) => x);
    for (const column of columns.values()) {
      const sorted = column.toSorted((a, b) => a.y - b.y);
      for (let n = 1; n < sorted.length; n++) assert.ok(sorted[n]!.y - sorted[n - 1]!.y >= 52, "they overlap");
    }
    for (const { x, y } of placed) assert.ok(x > 0 && y > 0 && x < width && y < height);
  });
}

test("frames of open workflows hold what is in them, however many steps there are", () => {
  for (const count of [4, 400]) {
    const { boxes } = steps(count);
    const inner = boxes.map((box) => ({ ...box, parent: Number(box.id.slice(5)) % 2 === 0 ? "outer" : "outer.inner" }));
    const frames = [
      { id: "outer", width: 0, height: 0, parent: null },
      { id: "outer.inner", width: 0, height: 0, parent: "outer" },
    ];
    const found = laidOut({ boxes: [...frames, ...inner], arrows: [] }).boxes;
    for (const { id, parent } of [...inner, frames[1]!]) {
      const [box, frame] = [found[id]!, found[parent!]!];
      assert.ok(Math.abs(box.x - frame.x) <= (frame.width - box.width) / 2 + 0.1, `${id} sticks out of ${parent}`);
      assert.ok(Math.abs(box.y - frame.y) <= (frame.height - box.height) / 2 + 0.1, `${id} sticks out of ${parent}`);
    }
  }
});
