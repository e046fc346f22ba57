import { useEffect, useState } from "react";
import type { LayoutAsked, LayoutFound } from "./layout-shapes.ts";

/** Where everything of a graph goes; undefined until that is known. The last layout stays until the new one is there. */
export function useLayout(asked: LayoutAsked): LayoutFound | undefined {
  const [found, setFound] = useState<LayoutFound>();
  useEffect(() => {
    const worker = new Worker(new URL("./layout-worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<LayoutFound>) => {
      setFound(data);
      worker.terminate();
    };
    worker.postMessage({ boxes: asked.boxes, arrows: asked.arrows } satisfies LayoutAsked);
    return () => worker.terminate();
  }, [asked]);
  return found;
}
