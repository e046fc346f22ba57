import { laidOut } from "./layout.ts";
import type { LayoutAsked } from "./layout-shapes.ts";

// Off the thread that draws: a large graph takes a moment.
self.onmessage = ({ data }: MessageEvent<LayoutAsked & { turn: number }>) => {
  self.postMessage({ turn: data.turn, found: laidOut(data) });
};
