import { laidOut } from "./layout.ts";
import type { LayoutAsked } from "./layout-shapes.ts";

// Off the thread that draws: a large graph takes a moment.
self.onmessage = ({ data }: MessageEvent<LayoutAsked>) => self.postMessage(laidOut(data));
